"""The netlist that is routed on a 7-series device: the shell, synthesized, with the accelerator's linked netlist in it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.errors import CheckFailed, UserError
from hw_flows.files import copy_atomically, write_text_atomically
from hw_flows.shells import Shell
from hw_flows.stitch.write import top_module
from hw_flows.synthesize.yosys import ABC, INSTALL
from hw_flows.tools import package_folder, run_tool

LIMIT_SECONDS = 3600.0
#: Cells that nextpnr 0.11 connects wrongly (DSP48E1, as reported upstream) or does not know.
UNSUPPORTED = ("DSP48E1", "LUT6_2")


def netlist_with_shell(shell: Shell, accelerator: Accelerator, linked: Path, folder: Path, logs: Path) -> Path:
    """Write `netlist.json` (returned) and, for simulations, `netlist.v` into `folder`.

    `linked`: the accelerator's flat netlist, see `link_operators`. Raises ToolError with Yosys' last words.
    """
    package_folder("pyosys", INSTALL)
    if not linked.is_file():
        raise UserError("the accelerator's netlist is missing", str(linked), "run step_synthesize first")
    folder.mkdir(parents=True, exist_ok=True)
    for source in (*shell.sources, linked):
        copy_atomically(source, folder / source.name)
    write_text_atomically(folder / "box.sv", _box(accelerator))
    # Modules of the operators that the shell uses are in its sources or, elaborated, in the accelerator's netlist.
    script = (
        "read_verilog -lib -specify +/xilinx/cells_sim.v\n"
        "read_verilog -lib +/xilinx/cells_xtra.v\n"
        f"read_slang --threads 1 --top {shell.top} box.sv {' '.join(source.name for source in shell.sources)}\n"
        f"{ABC}synth_xilinx -family xc7 -top {shell.top} -nodsp -noiopad -noclkbuf -run prepare:\n"
        f"delete ={accelerator.name}\n"
        f"read_json {linked.name}\n"
        f"hierarchy -check -top {shell.top}\n"
        "flatten -noscopeinfo\n"
        "opt_clean -purge\n"
        "delete t:$scopeinfo t:$print t:$check\n"
        "check -assert\n"
        "setundef -zero\n"
        "setundef -params -zero\n"
        "write_json netlist.json\n"
        "write_verilog -noattr netlist.v\n"
    )
    write_text_atomically(folder / "synthesize.ys", script)
    command = [sys.executable, "-c", "from pyosys import libyosys as y; y.run_pass('script synthesize.ys', y.Design())"]
    run_tool("yosys", command, cwd=folder, log=logs / "synthesize.log", limit_seconds=LIMIT_SECONDS)
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


def _box(accelerator: Accelerator) -> str:
    """The accelerator's module without its inside."""
    head, _, _ = top_module(accelerator).partition("\n);\n")
    return (
        head.replace(f"module {accelerator.name} (", f"(* blackbox *)\nmodule {accelerator.name} (")
        + "\n);\nendmodule\n"
    )
