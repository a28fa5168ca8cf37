# SPDX-License-Identifier: BSD-3-Clause
"""Synthesis of operators with Yosys (PyPI `pyosys`): netlists of vendor cells for one device family.

Operators are synthesized out of context, many in one Yosys process: they stand beside each other in one design, so the
start-up, the cell libraries and the passes are paid once. `link` puts their netlists into the top module.

ABC only maps the logic it is given: its restructuring (`&sweep`, `&dc2`, `&dch`) breaks the read-only memories up that
hold weights and thresholds, which then take up to five times the LUTs (a third more over a set of matrix-vector units and
thresholds), and saves a few LUTs elsewhere. Nor does it run its own equivalence check (netlists are simulated against
their RTL in the tests instead).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.accelerator import Accelerator, Instance
from hw_flows.families.family import Family
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError, last_lines, package_folder, package_version
from hw_flows.machine.yosys import run_yosys
from hw_flows.stitch.write import top_module
from quantunet_common.files import write_bytes_atomically

LIMIT_SECONDS = 3600

ABC = """\
scratchpad -set abc9.verify false
scratchpad -set abc9.script +&if,{W},{D},{R},-v
"""

# Bits of a memory that nobody reads are 0 in the device; Verilator would make a whole word of them undefined.
FINISH = "setundef -params -zero\nsetattr -unset src\n"

# Operators end in registers or in logic of their own, so nothing is left to optimize across their borders but what has no
# reader.
LINK = """\
read_slang --threads 1 --top {top} -Werror=port-width-trunc -Werror=port-width-expand top.sv
hierarchy -check -top {top}
flatten -noscopeinfo
opt_clean -purge
check -assert
tee -q -o cells.json stat -json
select {top}
write_json -selected linked.json
"""


@dataclass(frozen=True)
class SynthesizedNetlist:
    """A netlist in Verilog: `module` in `path`, made of cells whose simulation models are in `cell_models`."""

    path: Path
    module: str
    cell_models: Path


@dataclass(frozen=True)
class LinkedNetlist:
    """The whole accelerator: number of cells of each type, and the netlist as Yosys JSON, which nextpnr reads."""

    cells: dict[str, int]
    json: bytes


def yosys_version() -> str:
    return package_version("pyosys")


def mapping(family: Family) -> str:
    """Script that maps all elaborated modules to the family's cells."""
    synthesis = family.synthesis
    return f"{synthesis.timed_libraries}{ABC}{synthesis.target}{synthesis.command} {synthesis.options}\n"


def recipe(family: Family) -> str:
    """What, besides the operator itself, decides on the netlist; part of the key of the cache."""
    return yosys_version() + "\n" + _elaborate(None, "operator") + mapping(family) + FINISH


def map_operators(instances: Mapping[str, Instance], rtl: Path, family: Family, log: Path) -> dict[str, str]:
    """Synthesize operators in one process, each as a module of the name given; name -> netlist as RTLIL text.

    `rtl` is the folder of sources and memory images. Raises ToolError with Yosys' last words.
    """
    package_folder("pyosys")
    with TemporaryDirectory(prefix="hw_flows-yosys-") as folder:
        work = Path(folder)
        script = "".join(_elaborate(instance, name) for name, instance in instances.items())
        write = "".join(f"select {name}\nwrite_rtlil -selected {name}.il\n" for name in instances)
        files = {name: work / f"{name}.il" for name in instances}
        _run(script + mapping(family) + FINISH + write, work, rtl, log, list(files.values()))
        netlists = {name: path.read_text(encoding="utf-8", errors="replace") for name, path in files.items()}
        for name, netlist in netlists.items():
            if not is_netlist(netlist, name):
                raise ToolError("yosys", f"exited with status 0 but wrote no netlist of {name}", log, last_lines(log))
        return netlists


def link(accelerator: Accelerator, netlists: Mapping[str, str], rtl: Path, family: Family, log: Path) -> LinkedNetlist:
    """The accelerator's top module with every operator's netlist in it, flat, without what nobody reads.

    `netlists`: instance -> RTLIL of a module. Raises ToolError with Yosys' last words, also where a netlist's ports are
    not those that the top module connects; UserError where the top module in `rtl` is not the accelerator's.
    """
    package_folder("pyosys")
    top = rtl / f"{accelerator.name}.sv"
    if top.read_text(encoding="utf-8") != top_module(accelerator):
        raise UserError(
            "the top module is not the one that was stitched", str(top), "build again with --start-step step_stitch"
        )
    modules = {_module_of(text): text for text in netlists.values()}
    mapped = [
        replace(instance, module=_module_of(netlists[instance.name]), parameters={}, memories=())
        for instance in accelerator.built
    ]
    with TemporaryDirectory(prefix="hw_flows-yosys-") as folder:
        work = Path(folder)
        for module, text in modules.items():
            (work / f"{module}.il").write_text(text, encoding="utf-8")
        (work / "top.sv").write_text(
            top_module(replace(accelerator, instances=(*mapped, *accelerator.rings))), encoding="utf-8"
        )
        read = "".join(f"read_rtlil {module}.il\n" for module in modules)
        counted, linked = work / "cells.json", work / "linked.json"
        script = family.synthesis.libraries + read + LINK.format(top=accelerator.name)
        _run(script, work, rtl, log, [counted, linked])
        try:
            cells = json.loads(counted.read_text(encoding="utf-8"))["design"]["num_cells_by_type"]
            whole = json.loads(linked.read_text(encoding="utf-8"))["modules"].keys() == {accelerator.name}
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise ToolError(
                "yosys", f"exited with status 0 but wrote no netlist of {accelerator.name}", log, last_lines(log)
            )
        return LinkedNetlist(dict(cells), linked.read_bytes())


def write_netlists(
    instances: Sequence[Instance], rtl: Path, folder: Path, *, family: Family, log: Path
) -> dict[str, SynthesizedNetlist]:
    """Synthesize operators in one process, each for itself as `map_operators` does, and write their netlists to `folder`; by instance.

    A module is named `<instance>_netlist` and has the ports of the RTL module, so many netlists and their RTL fit in one
    simulation. Raises ToolError with Yosys' last words.
    """
    models = package_folder("pyosys") / "share" / family.synthesis.models[0]
    modules = {instance.name: f"{instance.name}_netlist" for instance in instances}
    with TemporaryDirectory(prefix="hw_flows-yosys-") as place:
        work = Path(place)
        script = "".join(_elaborate(instance, modules[instance.name]) for instance in instances)
        write = "".join(f"select {name}\nwrite_verilog -noattr -selected {name}.v\n" for name in modules.values())
        files = [work / f"{name}.v" for name in modules.values()]
        _run(script + mapping(family) + FINISH + write, work, rtl, log, files)
        for file in files:
            write_bytes_atomically(folder / file.name, file.read_bytes())
    return {name: SynthesizedNetlist(folder / f"{module}.v", module, models) for name, module in modules.items()}


def _elaborate(instance: Instance | None, name: str) -> str:
    """Script that elaborates an instance as module `name`; None gives the same for any instance."""
    if instance is None:
        module, parameters, sources, prefix = "module", {"P": 0}, ["source.sv"], "prefix"
    else:
        module, parameters, sources = instance.module, instance.parameters, list(instance.sources)
        prefix = f"rtl/{instance.name}" if instance.memories else ""
    overrides = [f"-G {key}={value}" for key, value in sorted(parameters.items())]
    if prefix:
        overrides.append(f'-G MEMORY_PREFIX="{prefix}"')
    files = " ".join(f"rtl/{source}" for source in sources)
    return (
        f"read_slang --threads 1 --top {module} {' '.join(overrides)} {files}\n"
        f"rename {module} {name}\n"
        f"setattr -mod -unset top {name}\n"
    )


def is_netlist(text: str, module: str) -> bool:
    """Whether an RTLIL text is that of `module`, to its end."""
    return f"\nmodule \\{module}\n" in f"\n{text}" and text.rstrip().endswith("\nend")


def _run(script: str, work: Path, rtl: Path, log: Path, produces: Sequence[Path]) -> None:
    """Run a Yosys script in `work`, where `rtl` is the folder of the sources: no path in a script needs quoting."""
    (work / "rtl").symlink_to(rtl.resolve(), target_is_directory=True)
    run_yosys(script, work, log=log, limit_seconds=LIMIT_SECONDS, produces=produces)


def _module_of(netlist: str) -> str:
    """Name of the module in an RTLIL text."""
    match = re.search(r"^module \\(\S+)$", netlist, re.MULTILINE)
    assert match is not None, "no module in the netlist"
    return match[1]
