# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that is placed and routed: the shell, synthesized, with the accelerator's linked netlist in it."""

from __future__ import annotations

from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.families.family import Family
from hw_flows.machine.errors import UserError
from hw_flows.machine.yosys import run_yosys
from hw_flows.shells import Shell
from hw_flows.stitch.write import top_module
from hw_flows.synthesize.yosys import ABC
from quantunet_common.files import copy_atomically, write_text_atomically

LIMIT_SECONDS = 3600.0


def netlist_with_shell(
    shell: Shell, family: Family, accelerator: Accelerator, rtl: Path, linked: Path, folder: Path, logs: Path
) -> Path:
    """Write `netlist.json` (returned) and, for simulations, `netlist.v` into `folder`.

    `rtl`: sources of what the shell stands around; `linked`: the accelerator's flat netlist, see `link_operators`. Raises
    ToolError with Yosys' last words.
    """
    if not linked.is_file():
        raise UserError("the accelerator's netlist is missing", str(linked), "run step_synthesize first")
    folder.mkdir(parents=True, exist_ok=True)
    # What reads weights is synthesized here; the accelerator's own modules are only read.
    inner = [rtl / name for name in shell.inner if name != f"{accelerator.name}.sv"] if accelerator.memory else []
    sources = {source.name: source for source in (*inner, *shell.sources)}
    for source in (*sources.values(), linked):
        copy_atomically(source, folder / source.name)
    write_text_atomically(folder / "box.sv", _box(accelerator))
    synthesis = family.synthesis
    elaborate = f"read_slang --threads 1 --top {shell.top} box.sv {' '.join(sources)}\n"
    delete = "".join(f"delete ={name}\n" for name in shell.primitives)
    # The library's declarations, which know all parameters, take the place of the shell's own.
    both = (elaborate, delete, synthesis.timed_libraries) if delete else (synthesis.timed_libraries, elaborate)
    # Modules of the operators that the shell uses are in its sources or, elaborated, in the accelerator's netlist.
    script = (
        f"{''.join(both)}"
        f"{ABC}{synthesis.command} -top {shell.top} {synthesis.shell_options} {synthesis.options}\n"
        f"delete ={accelerator.name}\n"
        f"read_json {linked.name}\n"
        f"hierarchy -check -top {shell.top}\n"
        "flatten -noscopeinfo\n"
        "opt_clean -purge\n"
        f"{synthesis.routable}"
        "setundef -params -zero\n"
        "write_json netlist.json\n"
        "write_verilog -noattr netlist.v\n"
    )
    run_yosys(script, folder, log=logs / "synthesize.log", limit_seconds=LIMIT_SECONDS)
    return folder / "netlist.json"


def _box(accelerator: Accelerator) -> str:
    """The accelerator's module without its inside."""
    head, _, _ = top_module(accelerator).partition("\n);\n")
    return (
        head.replace(f"module {accelerator.name} (", f"(* blackbox *)\nmodule {accelerator.name} (")
        + "\n);\nendmodule\n"
    )
