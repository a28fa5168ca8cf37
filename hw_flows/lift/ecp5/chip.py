# SPDX-License-Identifier: BSD-3-Clause
"""The routing graph of an ECP5 device: nextpnr's chip database, which its package brings as a file.

A device is a grid of locations. Each has wires, switches ("pips") that can connect wires, its own or those of other
locations, and a list of tiles, whose bits turn the switches on. Locations of the same type share their tables. The file is
read where it is asked only.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from hw_flows.machine.errors import UserError

_PREFIX = re.compile(r"(?:([NS])(\d+))?(?:([EW])(\d+))?_(?=.)")
#: First letters of wires of the clock tree, whose names hold for the whole device.
_GLOBAL = ("G_", "L_", "R_")
#: Sizes in the file of a type of location, and of its elements.
_LOCATION_TYPE, _BEL, _WIRE, _PIP, _LOCATOR = 24, 20, 32, 20, 8
#: Switches that permute inputs of LUTs: nextpnr's own, not in the device.
_PERMUTES = 0x4000
_CONFIGURABLE = 0


class Wire(NamedTuple):
    """A wire of a location."""

    x: int
    y: int
    number: int
    """In the table of its location's type."""


@dataclass(frozen=True)
class Pip:
    """A switch, or a connection that is always there."""

    source: Wire
    sink: Wire
    tile_type: str
    """Of the tile, at the switch's location, whose bits turn it on."""
    x: int
    y: int
    fixed: bool


class ClockWay(NamedTuple):
    """How the clock tree comes to a location."""

    tap_column: int
    """Of the location in the same row whose switches feed this one."""
    tap_side: str
    """L or R: on which side of these switches it is."""
    quadrant: str
    spine_x: int
    spine_y: int
    """Of the location that feeds the column of switches; of use where the location is one of that column."""


class LocationType:
    """Tables of the locations of one type."""

    def __init__(self, chip: Chip, at: int) -> None:
        self.bels, self.wires, self.pips = (chip.slice_at(at + 8 * i) for i in range(3))
        names = [chip.text_at(self.wires[0] + _WIRE * i) for i in range(self.wires[1])]
        self.wire_names = names
        self.wire_index = {name: i for i, name in enumerate(names)}
        start, length = self.bels
        self.bel_names = tuple(chip.text_at(start + _BEL * i) for i in range(length))


class Chip:
    """The routing graph of one size of device."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where the file is not what this was written for."""
        self._data = path.read_bytes()
        (root,) = struct.unpack_from("<i", self._data)
        self.width, self.height, tiles, _ = struct.unpack_from("<4i", self._data, root)
        slices = [self.slice_at(root + 16 + 8 * i) for i in range(8)]
        locations, types, clocks, tile_types, _, _, tile_info, _ = slices
        if not (tiles == self.width * self.height == types[1] == tile_info[1]):
            raise UserError(
                "is no chip database of nextpnr-ecp5 that this version reads", str(path), "install the tested version"
            )
        self._types = [LocationType(self, locations[0] + _LOCATION_TYPE * i) for i in range(locations[1])]
        self._type_of = struct.unpack_from(f"<{tiles}i", self._data, types[0])
        self._clocks, self._tile_info = clocks[0], tile_info[0]
        self._switches: dict[tuple[int, int, str, str], Pip | None] = {}
        self._tile_types = [self.text_at(tile_types[0] + 4 * i) for i in range(tile_types[1])]

    def slice_at(self, at: int) -> tuple[int, int]:
        """Start and length of the table that a relative pointer at `at` means."""
        offset, length = struct.unpack_from("<iI", self._data, at)
        return at + offset, length

    def text_at(self, at: int) -> str:
        """The string that a relative pointer at `at` means."""
        (offset,) = struct.unpack_from("<i", self._data, at)
        start = at + offset
        return self._data[start : self._data.index(b"\0", start)].decode()

    def type_at(self, x: int, y: int) -> LocationType:
        return self._types[self._type_of[y * self.width + x]]

    @cached_property
    def tiles(self) -> dict[str, tuple[int, int, str]]:
        """Name of a tile -> column, row, type."""
        found = {}
        for number in range(self.width * self.height):
            start, length = self.slice_at(self._tile_info + 8 * number)
            for at in range(start, start + 8 * length, 8):
                (kind,) = struct.unpack_from("<h", self._data, at + 4)
                found[self.text_at(at)] = number % self.width, number // self.width, self._tile_types[kind]
        return found

    def clock_way(self, x: int, y: int) -> ClockWay:
        """How the clock tree comes to a location."""
        column, side, quadrant, row, spine = struct.unpack_from(
            "<hbbhh", self._data, self._clocks + 8 * (y * self.width + x)
        )
        return ClockWay(column, "LR"[side], ("UL", "UR", "LL", "LR")[quadrant], spine, row)

    def name(self, wire: Wire) -> str:
        """The wire's name at its location."""
        return self.type_at(wire.x, wire.y).wire_names[wire.number]

    def name_from(self, x: int, y: int, wire: Wire) -> str:
        """The name that a tile at (x, y) gives a wire, such as E3_H06W0103."""
        name = self.name(wire)
        if name.startswith(_GLOBAL) or (x, y) == (wire.x, wire.y):
            return name
        down, right = wire.y - y, wire.x - x
        rows = f"{'S' if down > 0 else 'N'}{abs(down)}" if down else ""
        columns = f"{'E' if right > 0 else 'W'}{abs(right)}" if right else ""
        return f"{rows}{columns}_{name}"

    def wire(self, x: int, y: int, name: str) -> Wire | None:
        """A wire by the name that a tile at (x, y) gives it, such as E3_H06W0103; None where there is none.

        Wires of the clock tree have no place in their names, and are not found.
        """
        if name.startswith(_GLOBAL):
            return None
        match = _PREFIX.match(name)
        if match and (match[1] or match[3]):
            y += int(match[2] or 0) * (1 if match[1] == "S" else -1)
            x += int(match[4] or 0) * (1 if match[3] == "E" else -1)
            name = name[match.end() :]
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        index = self.type_at(x, y).wire_index.get(name)
        return None if index is None else Wire(x, y, index)

    def uphill(self, wire: Wire) -> Iterator[Pip]:
        """Everything that can drive a wire."""
        kind = self.type_at(wire.x, wire.y)
        start, length = self.slice_at(kind.wires[0] + _WIRE * wire.number + 8)
        for at in range(start, start + _LOCATOR * length, _LOCATOR):
            dx, dy, index = struct.unpack_from("<hhi", self._data, at)
            pip = self._pip(wire.x + dx, wire.y + dy, index)
            if pip is not None:
                yield pip

    def pips_at(self, x: int, y: int) -> Iterator[Pip]:
        """All switches at a location."""
        for index in range(self.type_at(x, y).pips[1]):
            pip = self._pip(x, y, index)
            if pip is not None:
                yield pip

    def switch(self, x: int, y: int, sink: str, source: str) -> Pip | None:
        """The switch of a tile at (x, y) between two wires, by the names that it gives them; None where there is none."""
        key = x, y, sink, source
        if key not in self._switches:
            self._switches[key] = self._find_switch(*key)
        return self._switches[key]

    def _find_switch(self, x: int, y: int, sink: str, source: str) -> Pip | None:
        to, start = self.wire(x, y, sink), self.wire(x, y, source)
        for pip in self.uphill(to) if to is not None else self.pips_at(x, y):
            if (
                (start == pip.source if start is not None else self.name(pip.source) == source)
                and (to is not None or self.name(pip.sink) == sink)
                and (pip.x, pip.y) == (x, y)
            ):
                return pip
        return None

    def _pip(self, x: int, y: int, index: int) -> Pip | None:
        values = struct.unpack_from("<hhhhhhhbbh", self._data, self.type_at(x, y).pips[0] + _PIP * index)
        from_x, from_y, to_x, to_y, source, sink, _, tile_type, kind, flags = values
        if flags & _PERMUTES:
            return None
        return Pip(
            Wire(x + from_x, y + from_y, source),
            Wire(x + to_x, y + to_y, sink),
            self._tile_types[tile_type],
            x,
            y,
            kind != _CONFIGURABLE,
        )

    def bels(self, x: int, y: int) -> tuple[str, ...]:
        """Names of the elements of a location."""
        return self.type_at(x, y).bel_names
