# SPDX-License-Identifier: BSD-3-Clause
"""What a netlist costs: vendor cells counted into the resources of a device, the way the vendor reports them."""

from __future__ import annotations

from collections.abc import Mapping

from hw_flows.families.family import Family
from hw_flows.families.resources import Resources


def count_resources(cells: Mapping[str, int], family: Family) -> Resources:
    """Resources of a netlist given as cell type -> number of cells.

    Raises KeyError for a cell the device does not have (an unmapped one, for example): a netlist that is not finished
    must not look cheap.
    """
    total = Resources()
    for name, number in cells.items():
        if name in ("$scopeinfo", "$print", "$check"):  # notes and messages of the source, no hardware
            continue
        cost = family.cells[name].cost
        if cost is None:
            raise KeyError(name)
        total += cost * number
    return total
