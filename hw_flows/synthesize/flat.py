"""Shell and accelerator as one flat ECP5 netlist, for place and route and for simulation at gate level."""

from __future__ import annotations

import sys
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.files import copy_atomically
from hw_flows.shells import Shell
from hw_flows.synthesize.yosys import ABC, INSTALL
from hw_flows.tools import package_folder, run_tool

LIMIT_SECONDS = 3600.0
#: Primitives that the shell declares itself; Yosys' own declarations know all of their parameters.
PRIMITIVES = ("EHXPLLL",)


def flat_netlist(shell: Shell, accelerator: Accelerator, rtl: Path, folder: Path, logs: Path) -> Path:
    """Synthesize into `folder`: `netlist.json` (returned) and `netlist.v`. Raises ToolError with Yosys' last words."""
    package_folder("pyosys", INSTALL)
    folder.mkdir(parents=True, exist_ok=True)
    for source in [*(rtl / name for name in accelerator.sources), *shell.sources]:
        copy_atomically(source, folder / source.name)
    for instance in accelerator.instances:  # the modules read them from the folder that Yosys runs in
        for memory in instance.memories:
            copy_atomically(rtl / memory, folder / memory)
    names = [*accelerator.sources, *(source.name for source in shell.sources)]
    script = (
        f"read_slang --threads 1 --top {shell.top} {' '.join(names)}\n"
        + "".join(f"delete ={name}\n" for name in PRIMITIVES)
        + "read_verilog -lib -specify +/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v\n"
        f"{ABC}synth_lattice -family ecp5 -top {shell.top} -noiopad -run coarse:\n"
        "write_json netlist.json\n"
        "setundef -params -zero\n"
        "write_verilog -noattr netlist.v\n"
    )
    (folder / "synthesize.ys").write_text(script, encoding="utf-8")
    command = [sys.executable, "-c", "from pyosys import libyosys as y; y.run_pass('script synthesize.ys', y.Design())"]
    run_tool("yosys", command, cwd=folder, log=logs / "yosys.log", limit_seconds=LIMIT_SECONDS)
    return folder / "netlist.json"
