# SPDX-License-Identifier: BSD-3-Clause
"""From a wire back to what drives it, by the switches that are on, the connections that are always there, and the ties."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from hw_flows.lift.ecp5.chip import Chip, Pip, Wire
from hw_flows.lift.ecp5.configuration import Configuration, Tile
from hw_flows.machine.errors import CheckFailed

#: Inputs of the routing of a location that have a tie: data, and those that only have one to 1 (clocks and resets).
_TIED = re.compile(r"J(?:[ABCD]|CE|LSR|CLK)[0-7]")
_ONLY_ONE = ("JLSR", "JCLK")
#: Wires of the clock tree that come to a location, to a column of locations, and to that column's spine.
_BRANCH, _COLUMN, _SPINE = re.compile(r"G_HPBX(\d\d)00"), re.compile(r"G_VPTX(\d\d)00"), re.compile(r"G_HPRX(\d\d)00")
_LUT_OUTPUT, _MULTIPLEXER = re.compile("F([0-7])"), re.compile("F[5X][ABCD]_SLICE")
_MOST_STEPS = 10000


@dataclass(frozen=True)
class Level:
    """A constant."""

    value: int


@dataclass(frozen=True)
class Floating:
    """Nothing drives the wire: the last one that was found."""

    wire: Wire


Source = Wire | Level | Floating


@dataclass(frozen=True)
class _Switch:
    """A switch that is on."""

    source: Wire
    tile: str
    names: tuple[str, str]


class Router:
    """The switches of one configured device."""

    def __init__(self, chip: Chip, configuration: Configuration, drives: Callable[[Wire], bool]) -> None:
        """`drives`: whether an element's output drives its wire. Raises CheckFailed for a switch that the graph lacks."""
        self.chip = chip
        self.configuration = configuration
        self._drives = drives
        self._on: dict[Wire, list[_Switch]] = defaultdict(list)
        self._found: dict[Wire, Source] = {}
        self._ties: dict[tuple[int, int], list[str]] = defaultdict(list)
        """Location -> tiles with ties."""
        for tile in configuration.tiles.values():
            x, y = self.place(tile.name)
            if any(name.startswith("CIB.J") for name in tile.kind.choices):
                self._ties[x, y].append(tile.name)
            for sink, source in tile.switches:
                if self._is_other(tile, sink, source):
                    continue
                pip = chip.switch(x, y, sink, source)
                if pip is None:
                    raise CheckFailed(
                        f"the routing graph has no switch from {source} to {sink}", tile.name, "is the part right?"
                    )
                self._on[pip.sink].append(_Switch(pip.source, tile.name, (sink, source)))

    def _is_other(self, tile: Tile, sink: str, source: str) -> bool:
        """Whether the bits of a switch mean something else in the mode of its slice.

        The bit that makes a LUT's output that of its multiplexer is in a carry chain that of INJECT1.
        """
        match = _LUT_OUTPUT.fullmatch(sink)
        if not match or not _MULTIPLEXER.fullmatch(source):
            return False
        slice_ = "ABCD"[int(match[1]) // 2]
        return self.configuration.option([tile.name], f"SLICE{slice_}.MODE") == "CCU2"

    def place(self, tile: str) -> tuple[int, int]:
        """Column and row of a tile. Raises CheckFailed for a tile that the graph lacks."""
        try:
            return self.chip.tiles[self.graph_name(tile)][:2]
        except KeyError:
            raise CheckFailed("the routing graph has no such tile", tile, "is the part right?") from None

    def graph_name(self, tile: str) -> str:
        """The tile's name in the graph, which is that of devices with transceivers; those without have other ends."""
        for name in (tile, tile.replace(":VCIB", ":CIB"), re.sub("0V$", "0H", tile), re.sub("2V$", "2", tile)):
            if name in self.chip.tiles:
                return name
        return tile

    def is_on(self, sink: Wire, source: Wire) -> bool:
        """Whether the switch between two wires is on."""
        found = [switch for switch in self._on.get(sink, ()) if switch.source == source]
        for switch in found:
            self.configuration.read_switch(switch.tile, *switch.names)
        return bool(found)

    def source_of(self, wire: Wire) -> Source:
        """What drives a wire: an element's output, a constant, or nothing. Raises CheckFailed for two drivers and for rings."""
        way: list[Wire] = []
        here = wire
        while here not in self._found:
            if len(way) > _MOST_STEPS:
                raise self.error(wire, "is driven by a ring of switches")
            way.append(here)
            sources = self._sources(here)
            if len(sources) > 1:
                driven = [s for s in map(self._resolve, sources) if not isinstance(s, Floating)]
                if len(set(driven)) > 1:
                    raise self.error(wire, f"has two drivers at {self.name(here)}")
                self._found[here] = driven[0] if driven else Floating(here)
            elif not sources:
                self._found[here] = here if self._is_output(here) else Floating(here)
            elif isinstance(sources[0], Level):
                self._found[here] = sources[0]
            else:
                here = sources[0]
        result = self._found[here]
        self._found.update(dict.fromkeys(way, result))
        return result

    def _resolve(self, source: Wire | Level) -> Source:
        return source if isinstance(source, Level) else self.source_of(source)

    def _is_output(self, wire: Wire) -> bool:
        return next(self.chip.uphill(wire), None) is None and self._drives(wire)

    def _sources(self, wire: Wire) -> list[Wire | Level]:
        """Everything that drives a wire directly."""
        found: list[Wire | Level] = []
        for switch in self._on.get(wire, ()):
            self.configuration.read_switch(switch.tile, *switch.names)
            found.append(switch.source)
        if not found:
            found += self._always(wire)
        found += self._tie(wire)
        if not found and (implied := self._implied(wire)) is not None:
            found.append(implied)
        return found

    def _always(self, wire: Wire) -> list[Wire]:
        """Through connections without switches, and switches that are on where no bit is set."""
        return list(dict.fromkeys(p.source for p in self.chip.uphill(wire) if p.fixed or self._idles_on(p)))

    def _idles_on(self, pip: Pip) -> bool:
        sink, source = (self.chip.name_from(pip.x, pip.y, wire) for wire in (pip.sink, pip.source))
        group = self.configuration.database.kind(pip.tile_type).switches.get(sink, {}).get(source)
        return group is not None and not group.bits

    def _tie(self, wire: Wire) -> list[Level]:
        name = self.chip.name(wire)
        if not _TIED.fullmatch(name):
            return []
        setting = f"CIB.{name}MUX"
        found = []
        for tile in self._ties.get((wire.x, wire.y), ()):
            if self.configuration.knows([tile], setting):
                value = self.configuration.option([tile], setting)
                if value in ("0", "1"):
                    found.append(Level(1 if name.startswith(_ONLY_ONE) else int(value)))
                elif value != name:
                    raise CheckFailed(f"{setting} is {value}, which is not understood", tile, "extend the lifter")
        return found

    def _implied(self, wire: Wire) -> Wire | None:
        """What feeds a wire of the clock tree that the graph has no connection for."""
        name = self.chip.name(wire)
        way = self.chip.clock_way(wire.x, wire.y)
        if match := _BRANCH.fullmatch(name):
            return self._at(way.tap_column, wire.y, f"{way.tap_side}_HPBX{match[1]}00")
        if _COLUMN.fullmatch(name) and (wire.x, wire.y) != (way.spine_x, way.spine_y):
            return self._at(way.spine_x, way.spine_y, name)
        if match := _SPINE.fullmatch(name):
            return self._at(0, 0, f"G_{way.quadrant}PCLK{int(match[1])}")
        return None

    def _at(self, x: int, y: int, name: str) -> Wire | None:
        if not (0 <= x < self.chip.width and 0 <= y < self.chip.height):
            return None
        index = self.chip.type_at(x, y).wire_index.get(name)
        return None if index is None else Wire(x, y, index)

    def name(self, wire: Wire) -> str:
        return f"X{wire.x}/Y{wire.y}/{self.chip.name(wire)}"

    def error(self, wire: Wire, what: str) -> CheckFailed:
        return CheckFailed(f"the wire {self.name(wire)} {what}", "bitstream", "the bitstream is wrong")
