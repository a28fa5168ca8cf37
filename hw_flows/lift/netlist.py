# SPDX-License-Identifier: BSD-3-Clause
"""The lifted netlist: vendor cells at their places, nets named after their drivers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

#: A net: one of the constants "0" and "1", or the place and pin of its driver, such as `SLICE_X10Y10/A6LUT.O6`.
Net = str
ZERO, ONE = "0", "1"
INVERTED = {ZERO: ONE, ONE: ZERO}
#: Of a pin that nothing drives: undefined in the netlist, where it must not matter.
UNDRIVEN = "x"
_CONSTANTS = (ZERO, ONE, UNDRIVEN)
TOP = "lifted"
#: Rows of a block memory.
_CONTENTS = re.compile("INITP?_[0-9A-F]{2}")
#: Bits of INIT, by how a cell's type begins.
_TABLE_BITS = {
    **{f"LUT{inputs}": 1 << inputs for inputs in range(1, 7)},
    **{"SRL16": 16, "SRLC32": 32, "RAM32": 32, "RAM64": 64},
}
_FIRST_NUMBER = 2


@dataclass(frozen=True)
class LiftedCell:
    """One cell. Ports are buses of nets from bit 0; None: an output that drives nothing."""

    place: str
    """Site and element, such as SLICE_X10Y10/A6LUT."""
    type: str
    parameters: Mapping[str, int | str]
    inputs: Mapping[str, Sequence[Net]]
    outputs: Mapping[str, Sequence[Net | None]]


@dataclass
class LiftedNetlist:
    """All cells of a bitstream."""

    cells: dict[str, LiftedCell] = field(default_factory=dict)
    """By place."""
    ports: dict[str, tuple[bool, list[Net]]] = field(default_factory=dict)
    """Name -> (whether it is an input, nets from bit 0)."""
    halves: dict[str, tuple[LiftedCell, ...]] = field(default_factory=dict)
    """Place of a memory -> the two smaller ones that its bits may mean as well."""

    def add(self, cell: LiftedCell) -> None:
        assert cell.place not in self.cells, cell.place
        self.cells[cell.place] = cell

    def count(self) -> dict[str, int]:
        """Cells of each type."""
        counted: dict[str, int] = {}
        for cell in self.cells.values():
            counted[cell.type] = counted.get(cell.type, 0) + 1
        return dict(sorted(counted.items()))

    def as_instance(self, kind: str, name: str, ports: Collection[str]) -> LiftedNetlist:
        """The same with the one cell of a type under another name and with these ports alone, as its model is known."""
        cells = dict(self.cells)
        (place,) = (place for place, cell in cells.items() if cell.type == kind)
        cell = cells.pop(place)
        inputs = {port: bus for port, bus in cell.inputs.items() if port in ports}
        outputs = {port: bus for port, bus in cell.outputs.items() if port in ports}
        cells[name] = replace(cell, place=name, inputs=inputs, outputs=outputs)
        return replace(self, cells=cells)

    def nets(self) -> Iterator[Net]:
        """All nets but the constants, each as often as it is used."""
        for cell in self.cells.values():
            for bus in (*cell.inputs.values(), *cell.outputs.values()):
                yield from (net for net in bus if net is not None and net not in _CONSTANTS)
        for _, bus in self.ports.values():
            yield from (net for net in bus if net not in _CONSTANTS)

    def as_json(self) -> dict[str, Any]:
        """A module as Yosys writes it, which `hw_flows.families.netlist.Netlist` reads."""
        numbers: dict[Net, int] = {}
        for net in self.nets():
            numbers.setdefault(net, len(numbers) + _FIRST_NUMBER)

        def bits(bus: Sequence[Net | None]) -> list[int | str]:
            found: list[int | str] = []
            for net in bus:
                if net is None:  # a number of its own
                    numbers[f"open {len(numbers)}"] = len(numbers) + _FIRST_NUMBER
                    found.append(len(numbers) - 1 + _FIRST_NUMBER)
                else:
                    found.append(net if net in _CONSTANTS else numbers[net])
            return found

        cells = {
            place: {
                "hide_name": 0,
                "type": cell.type,
                "parameters": {name: _parameter(cell.type, name, value) for name, value in cell.parameters.items()},
                "attributes": {},
                "port_directions": {**dict.fromkeys(cell.inputs, "input"), **dict.fromkeys(cell.outputs, "output")},
                "connections": {name: bits(bus) for name, bus in (*cell.inputs.items(), *cell.outputs.items())},
            }
            for place, cell in self.cells.items()
        }
        ports = {
            name: {"direction": "input" if is_input else "output", "bits": bits(bus)}
            for name, (is_input, bus) in self.ports.items()
        }
        names = {
            net: {"hide_name": 0, "bits": [number], "attributes": {}}
            for net, number in numbers.items()
            if not net.startswith("open ")
        }
        module = {"attributes": {"top": f"{1:032b}"}, "ports": ports, "cells": cells, "netnames": names}
        return {"creator": "qu-lift", "modules": {TOP: module}}


def _parameter(kind: str, name: str, value: int | str) -> str:
    """Numbers in binary, as Yosys writes them."""
    if isinstance(value, str):
        return value
    return f"{value:0{_bits(kind, name)}b}"


def _bits(kind: str, name: str) -> int:
    """Of a parameter that is a number, as the vendor declares it: an untyped parameter of a model is as wide as what it is given."""
    if _CONTENTS.fullmatch(name):
        return 256
    if name != "INIT":
        return 32
    if kind.startswith("FD"):
        return 1
    return next(bits for start, bits in _TABLE_BITS.items() if kind.startswith(start))
