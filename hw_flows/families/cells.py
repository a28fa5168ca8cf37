# SPDX-License-Identifier: BSD-3-Clause
"""A vendor cell in one row: what it costs, what it computes, how it is simulated."""

from __future__ import annotations

from dataclasses import dataclass

from hw_flows.families.program import Model
from hw_flows.families.resources import Resources


@dataclass(frozen=True)
class VendorCell:
    """A cell that netlists have."""

    cost: Resources | None
    """The way the vendor reports it; None for cells around the accelerator, which its own netlist must not have."""
    program: Model | None = None
    """How it runs at gate level; None: a netlist with this cell is refused there."""
    behaviour: str | None = None
    """Verilog for a module that Yosys only declares, behind its ports and parameters; or a whole module in its place."""
