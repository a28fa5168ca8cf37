# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that is routed on a 7-series device: the shell, synthesized, with the accelerator's linked netlist in it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.errors import CheckFailed, UserError
from hw_flows.files import copy_atomically, write_text_atomically
from hw_flows.shells import Shell
from hw_flows.stitch.write import top_module
from hw_flows.synthesize.yosys import ABC
from hw_flows.tools import package_folder, run_tool

LIMIT_SECONDS = 3600.0
#: Cells that nextpnr 0.11 connects wrongly (DSP48E1, openXC7/nextpnr-xilinx pull request 159) or does not know.
UNSUPPORTED = ("DSP48E1", "LUT6_2")


def netlist_with_shell(shell: Shell, accelerator: Accelerator, linked: Path, folder: Path, logs: Path) -> Path:
    """Write `netlist.json` (returned) and, for simulations, `netlist.v` into `folder`.

    `linked`: the accelerator's flat netlist, see `link_operators`. Raises ToolError with Yosys' last words.
    """
    package_folder("pyosys")
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


@dataclass(frozen=True)
class Cell:
    """A cell of a netlist; parameters as Yosys writes them, bits as a string of 0 and 1."""

    type: str
    parameters: dict[str, str]


def cells_of(netlist: Path, top: str) -> list[Cell]:
    """The cells of a flat netlist of Yosys."""
    module = json.loads(netlist.read_text(encoding="utf-8"))["modules"][top]
    return [Cell(cell["type"], cell["parameters"]) for cell in module["cells"].values()]


def require_supported(cells: Sequence[Cell]) -> None:
    """Raises CheckFailed where the netlist has something of which place and route would silently make something else."""
    wrong = Counter(fault for cell in cells if (fault := _fault(cell)) is not None)
    if wrong:
        listed = ", ".join(f"{number} times {fault}" for fault, number in sorted(wrong.items()))
        raise CheckFailed(
            f"the netlist has {listed}: place and route for 7-series gets it wrong", "netlist.json",
            "build with --flow open from the start: the folding then does without multipliers; else use --flow vivado",
        )  # fmt: skip


def _fault(cell: Cell) -> str | None:
    """What nextpnr 0.11 gets wrong about a cell, if anything."""
    if cell.type in UNSUPPORTED:
        return cell.type
    if cell.type in ("SRL16E", "SRLC32E") and "1" in cell.parameters.get("INIT", ""):
        return "a shift register with initial bits"  # which are not written: openXC7/nextpnr-xilinx issue 181
    if cell.type.startswith("RAMB") and cell.parameters.get("RAM_MODE", "").strip() == "SDP":
        return (
            "a block memory of double width"  # without the other port's width: openXC7/nextpnr-xilinx pull request 150
        )
    if cell.type == "RAMB36E1" and cell.parameters.get("RAM_EXTENSION_A", "NONE").strip() != "NONE":
        return "a cascade of block memories"  # not tried with nextpnr
    return None


def _box(accelerator: Accelerator) -> str:
    """The accelerator's module without its inside."""
    head, _, _ = top_module(accelerator).partition("\n);\n")
    return (
        head.replace(f"module {accelerator.name} (", f"(* blackbox *)\nmodule {accelerator.name} (")
        + "\n);\nendmodule\n"
    )
