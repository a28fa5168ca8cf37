"""Shell and accelerator as one flat 7-series netlist, for nextpnr-himbaechel-xilinx."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.errors import CheckFailed
from hw_flows.files import copy_atomically
from hw_flows.shells import Shell
from hw_flows.synthesize.yosys import ABC, INSTALL
from hw_flows.tools import package_folder, run_tool

LIMIT_SECONDS = 3600.0
#: Cells that nextpnr 0.11 places wrongly (DSP48E1, reported upstream) or not at all.
UNSUPPORTED = ("DSP48E1", "LUT6_2")


def flat_netlist(shell: Shell, accelerator: Accelerator, rtl: Path, folder: Path, logs: Path) -> Path:
    """Synthesize into `folder`: `netlist.json` (returned) and `netlist.v`.

    Raises ToolError with Yosys' last words, CheckFailed where the netlist has cells that the open flow cannot use.
    """
    package_folder("pyosys", INSTALL)
    folder.mkdir(parents=True, exist_ok=True)
    for source in [*(rtl / name for name in accelerator.sources), *shell.sources]:
        copy_atomically(source, folder / source.name)
    for instance in accelerator.instances:  # the modules read them from the folder that Yosys runs in
        for memory in instance.memories:
            copy_atomically(rtl / memory, folder / memory)
    names = [*accelerator.sources, *(source.name for source in shell.sources)]
    script = (
        "read_verilog -lib -specify +/xilinx/cells_sim.v\n"
        "read_verilog -lib +/xilinx/cells_xtra.v\n"
        f"read_slang --threads 1 --top {shell.top} {' '.join(names)}\n"
        f"hierarchy -top {shell.top}\n"
        f"{ABC}synth_xilinx -family xc7 -top {shell.top} -nodsp -noiopad -noclkbuf -run prepare:\n"
        "delete t:$scopeinfo t:$print t:$check\n"
        "setundef -zero -undriven\n"
        "setundef -params -zero\n"
        "write_json netlist.json\n"
        "write_verilog -noattr netlist.v\n"
    )
    (folder / "synthesize.ys").write_text(script, encoding="utf-8")
    command = [sys.executable, "-c", "from pyosys import libyosys as y; y.run_pass('script synthesize.ys', y.Design())"]
    run_tool("yosys", command, cwd=folder, log=logs / "yosys.log", limit_seconds=LIMIT_SECONDS)
    require_supported(cells_of(folder / "netlist.json", shell.top))
    return folder / "netlist.json"


def cells_of(netlist: Path, top: str) -> Counter[str]:
    """Cell type -> number of cells in a flat netlist of Yosys."""
    module = json.loads(netlist.read_text(encoding="utf-8"))["modules"][top]
    return Counter(cell["type"] for cell in module["cells"].values())


def require_supported(cells: Counter[str]) -> None:
    """Raises CheckFailed where the netlist has cells that the open flow cannot use."""
    wrong = {name: cells[name] for name in UNSUPPORTED if cells[name]}
    if wrong:
        listed = ", ".join(f"{number} {name}" for name, number in wrong.items())
        raise CheckFailed(
            f"the netlist has {listed}, which place and route for 7-series gets wrong", "netlist.json",
            "build with --flow open from the start: the folding then does without multipliers",
        )  # fmt: skip
