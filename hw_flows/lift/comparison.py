# SPDX-License-Identifier: BSD-3-Clause
"""What the comparisons of lifted netlists with placed ones have in common, whatever the family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hw_flows.lift.netlist import LiftedCell, Net
from hw_flows.machine.errors import CheckFailed

SHOWN = 5
#: A truth table and the nets that it depends on, in order.
Function = tuple[int, tuple[Net, ...]]


@dataclass(frozen=True)
class PlacedCell:
    """A cell as place and route placed it."""

    name: str
    place: str
    type: str
    parameters: dict[str, Any]
    attributes: dict[str, Any]
    pins: dict[str, Net | None]
    """Pin -> net, by its driver; None: not connected."""
    outputs: frozenset[str]

    def text(self, name: str, default: str) -> str:
        """A parameter that is a word; Yosys puts a blank behind words of digits."""
        return str(self.parameters.get(name, default)).strip()

    def number(self, name: str, default: int = 0) -> int:
        text = self.text(name, "")
        return int(text.replace("x", "0"), 2) if text else default


@dataclass
class Comparison:
    """What was compared, and what differs."""

    cells: Counter[str] = field(default_factory=Counter)
    """Cells compared, by type."""
    pins: int = 0
    nets: int = 0
    """Drivers that some compared pin was found to have in both."""
    unread: int = 0
    """Cells placed that nothing in the bitstream reads, such as LUTs behind the last bit of a carry chain."""
    constant: int = 0
    """LUTs placed that only pass on a constant, which the lifted netlist has in place of the net."""
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{sum(self.cells.values()):,} cells, {self.pins:,} pins, {self.nets:,} nets"

    def require_equal(self) -> None:
        """Raises CheckFailed where something differs."""
        if self.differences:
            raise CheckFailed(
                f"the bitstream is not the netlist that was placed and routed: {len(self.differences)} differences: "
                + "; ".join(self.differences[:SHOWN]),
                "bitstream",
                "what writes the bitstream leaves something out or gets it wrong",
            )


class CellComparison:
    """Cell by cell, pin by pin; families derive from it. Nets are named after their drivers."""

    def __init__(self) -> None:
        self.result = Comparison()
        self.seen: set[str] = set()
        """Places of lifted cells that were placed."""
        self.constants: dict[Net, Net] = {}
        """Nets of placed LUTs that are constant."""
        self._drivers: set[Net] = set()

    def lifted_net(self, net: Net) -> Net:
        """What stands for a net of the lifted netlist."""
        return self.constants.get(net, net)

    def pin(self, cell: PlacedCell, pin: str, got: Net, open_as: Net | None = None) -> None:
        """An input pin has the same driver in both; `open_as`: what a pin reads that is not connected, None: whatever."""
        wanted = cell.pins.get(pin) or open_as
        if wanted is None:
            return
        wanted, got = self.constants.get(wanted, wanted), self.lifted_net(got)
        self.result.pins += 1
        if got != wanted:
            self.differs(cell, f"{pin} is driven by {got}, not {wanted}")
        else:
            self._drivers.add(got)

    def value(self, cell: PlacedCell, name: str, got: int | str, wanted: int | str) -> None:
        if got != wanted:
            self.differs(cell, f"{name} is {got}, not {wanted}")

    def functions(self, cell: PlacedCell, got: Function, wanted: Function) -> None:
        (table, inputs), (wanted_table, wanted_inputs) = got, wanted
        self.result.pins += len(wanted_inputs)
        self._drivers.update(set(inputs) & set(wanted_inputs))
        if inputs != wanted_inputs:
            self.differs(cell, f"depends on {', '.join(inputs)}, not {', '.join(wanted_inputs)}")
        elif table != wanted_table:
            self.differs(cell, f"has the truth table {table:x}, not {wanted_table:x}")

    def missing(self, cell: PlacedCell) -> None:
        """It is not in the bitstream: nobody reads it there, and whoever should differs."""
        if any(f"{cell.place}.{pin}" in self.constants for pin in cell.outputs):
            self.result.constant += 1
        else:
            self.result.unread += 1

    def no_more(self, cells: Mapping[str, LiftedCell]) -> None:
        """Cells in the bitstream that nobody placed."""
        for place, cell in cells.items():
            if place not in self.seen:
                self.result.differences.append(f"{place} ({cell.type}) is in the bitstream, but was not placed")
        self.result.nets = len(self._drivers)

    def differs(self, cell: PlacedCell, what: str) -> None:
        self.result.differences.append(f"{cell.name} ({cell.type}) at {cell.place}: {what}")
