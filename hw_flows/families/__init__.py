# SPDX-License-Identifier: BSD-3-Clause
"""Device families: one folder each. A folder with `FAMILY` in its `__init__.py` is a family; no list names them.

family.py    what a family tells of itself
cells.py     what one vendor cell is: its cost, its gate-level program, its simulation model
program.py   what gate-level programs of cells are made of; netlist.py: the flat netlist that they come from
verilog.py   the simulation models of a family in one file

amd/         what AMD's families have in common; no family itself

A family's folder has `cells.py` with `CELLS`, and `devices.yaml` with what each device holds.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files

from hw_flows.families.family import Family
from hw_flows.machine.errors import UserError


@cache
def available_families() -> tuple[str, ...]:
    """Names of all families, sorted."""
    folders = (entry for entry in files(__name__).iterdir() if entry.joinpath("devices.yaml").is_file())
    return tuple(sorted(folder.name for folder in folders))


def find_family(name: str) -> Family:
    """The family of that name. Raises UserError that lists all."""
    if name not in available_families():
        raise UserError(
            f"there is no device family {name!r}", "family", f"choose one of: {', '.join(available_families())}"
        )
    family: Family = import_module(f"{__name__}.{name}").FAMILY
    return family
