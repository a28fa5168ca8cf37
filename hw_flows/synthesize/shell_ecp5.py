# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that is routed on an ECP5: the shell, synthesized, with the accelerator's linked netlist in it."""

from __future__ import annotations

import sys
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.errors import UserError
from hw_flows.files import copy_atomically, write_text_atomically
from hw_flows.shells import Shell
from hw_flows.stitch.write import top_module
from hw_flows.synthesize.yosys import ABC, CELL_LIBRARIES
from hw_flows.tools import package_folder, run_tool

LIMIT_SECONDS = 3600.0
#: Primitives that the shell declares itself; Yosys' own declarations know all of their parameters.
PRIMITIVES = ("EHXPLLL",)


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
    script = (
        f"read_slang --threads 1 --top {shell.top} box.sv {' '.join(source.name for source in shell.sources)}\n"
        + "".join(f"delete ={name}\n" for name in PRIMITIVES)
        + "read_verilog -lib -specify +/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v\n"
        f"{ABC}synth_lattice -family ecp5 -top {shell.top} -noiopad -run coarse:\n"
        f"delete ={accelerator.name}\n"
        f"read_json {linked.name}\n"
        f"hierarchy -check -top {shell.top}\n"
        "flatten -noscopeinfo\n"
        "opt_clean -purge\n"
        "check -assert\n"
        "setundef -params -zero\n"
        "write_json netlist.json\n"
        "write_verilog -noattr netlist.v\n"
    )
    _run(script, "synthesize", folder, logs)
    return folder / "netlist.json"


def accelerator_in_verilog(linked: Path, module: str, netlist: Path, logs: Path) -> None:
    """The accelerator's flat netlist as a Verilog module of another name, for a simulation beside its RTL."""
    folder = netlist.parent
    folder.mkdir(parents=True, exist_ok=True)
    copy_atomically(linked, folder / "linked.json")
    script = (
        f"{CELL_LIBRARIES['ecp5']}read_json linked.json\nrename {linked.stem} {module}\nselect {module}\n"
        f"write_verilog -noattr -selected {netlist.name}\n"
    )
    _run(script, "to_verilog", folder, logs)


def _box(accelerator: Accelerator) -> str:
    """The accelerator's module without its inside."""
    head, _, _ = top_module(accelerator).partition("\n);\n")
    return (
        head.replace(f"module {accelerator.name} (", f"(* blackbox *)\nmodule {accelerator.name} (")
        + "\n);\nendmodule\n"
    )


def _run(script: str, name: str, folder: Path, logs: Path) -> None:
    write_text_atomically(folder / f"{name}.ys", script)
    command = [sys.executable, "-c", f"from pyosys import libyosys as y; y.run_pass('script {name}.ys', y.Design())"]
    run_tool("yosys", command, cwd=folder, log=logs / f"{name}.log", limit_seconds=LIMIT_SECONDS)
