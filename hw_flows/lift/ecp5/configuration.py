# SPDX-License-Identifier: BSD-3-Clause
"""What a bitstream configures, tile by tile, and what of it has been read.

`ecpunpack` names switches and settings of each tile alone. A block memory or a pin has settings whose values only the bits
of several tiles together tell, and of names with the same bits it gives one. So the bits themselves are kept: a setting has
the value whose bits are as they should be in all its tiles, and at the end each bit that is not as in an idle device
belongs to something that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hw_flows.lift.ecp5.database import Bit, Choice, Group, TileKind, TrellisDatabase, apply_word, parse_bit
from hw_flows.machine.errors import CheckFailed

#: ecpunpack's value of a setting whose bits are those of no option.
_NO_OPTION = "_NONE_"
_EMPTY = Group(frozenset(), frozenset())


@dataclass
class Tile:
    """One tile."""

    name: str
    kind: TileKind
    bits: set[Bit] = field(default_factory=set)
    switches: list[tuple[str, str]] = field(default_factory=list)
    """That are on: wire that is driven, wire that drives it."""
    lines: list[str] = field(default_factory=list)
    """As ecpunpack wrote them."""
    read: set[Bit] = field(default_factory=set)
    """Bits whose meaning somebody has asked for."""


class Configuration:
    """A bitstream, unpacked."""

    def __init__(self, text: str, database: TrellisDatabase) -> None:
        """`text`: what ecpunpack wrote. Raises CheckFailed for what the database does not know."""
        self.database = database
        self.tiles: dict[str, Tile] = {}
        self.memories: dict[int, list[int]] = {}
        """Contents of block memories, words of 9 bits, by their number."""
        self.device = ""
        for block in text.split("\n."):
            head, *lines = block.removeprefix(".").splitlines()
            key, *values = head.split()
            if key == "tile":
                self.tiles[values[0]] = _tile(values[0], [line for line in lines if line], database)
            elif key == "bram_init":
                self.memories[int(values[0])] = [int(word, 16) for line in lines for word in line.split()]
            elif key == "device":
                self.device = values[0]
            elif key not in ("comment", "sysconfig", "variant"):
                raise CheckFailed(
                    f"the unpacked bitstream has a part {key}", "bitstream", "the lifter does not know it"
                )

    def tile(self, name: str) -> Tile:
        """A tile, also one where nothing is configured."""
        if name not in self.tiles:
            kind = self.database.kind(name.partition(":")[2])
            self.tiles[name] = Tile(name, kind, set(kind.idle))
        return self.tiles[name]

    def option(self, tiles: Sequence[str], name: str, *, written_over: bool = False) -> str:
        """The value of a setting that has bits in some of `tiles`: of several with the same bits the default.

        `written_over`: bits that are 0 for a value may be 1 where they are also those of a setting beside it. Raises CheckFailed
        where it has no known value, or several and none of them is the default.
        """
        best = self.options(tiles, name, written_over=written_over)
        if len(best) > 1:
            defaults = {choice.default for _, choice in self._holders(tiles, name)}
            best = [value for value in best if value in defaults] or best
        if len(best) > 1:
            raise CheckFailed(f"the setting {name} is {' or '.join(best)}", tiles[0], "the bitstream is wrong")
        return best[0]

    def options(self, tiles: Sequence[str], name: str, *, written_over: bool = False) -> list[str]:
        """All values of a setting that have the bits of its tiles. Raises CheckFailed where it has no known value."""
        candidates = self.candidates(tiles, name, written_over=written_over)
        most = max(candidates.values(), default=0)
        best = [value for value, bits in candidates.items() if bits == most]
        holders = self._holders(tiles, name)
        if not best:
            raise CheckFailed(f"the setting {name} has no known value", holders[0][0].name, "the bitstream is wrong")
        for tile, choice in holders:
            tile.read |= choice.options.get(best[0], _EMPTY).bits
        return best

    def candidates(self, tiles: Sequence[str], name: str, *, written_over: bool = False) -> dict[str, int]:
        """Values of a setting that the bits of all its tiles agree with, and of how many bits each is made."""
        holders = self._holders(tiles, name)
        values = dict.fromkeys(value for _, choice in holders for value in choice.options)
        found = {}
        for value in values:
            groups = [(tile, choice.options.get(value, _EMPTY)) for tile, choice in holders]
            if written_over:
                groups = [(tile, Group(g.ones, g.zeros - tile.kind.overlay(name))) for tile, g in groups]
            if all(group.holds(tile.bits) for tile, group in groups):
                found[value] = sum(len(group.bits) for _, group in groups)
        return found

    def _holders(self, tiles: Sequence[str], name: str) -> list[tuple[Tile, Choice]]:
        found = [(tile, tile.kind.choices[name]) for tile in map(self.tile, tiles) if name in tile.kind.choices]
        if not found:
            raise CheckFailed(f"the database has no setting {name} of these tiles", ", ".join(tiles), "report this")
        return found

    def knows(self, tiles: Sequence[str], name: str) -> bool:
        """Whether one of the tiles has this setting with options."""
        return any(name in self.tile(tile).kind.choices for tile in tiles)

    def word(self, tiles: Sequence[str], name: str) -> int:
        """A setting that is a number. Bits that the database does not know have their default."""
        holders = [(tile, tile.kind.words[name]) for tile in map(self.tile, tiles) if name in tile.kind.words]
        if not holders:
            raise CheckFailed(f"the database has no setting {name} of these tiles", ", ".join(tiles), "report this")
        value = 0
        for position, default in enumerate(holders[0][1].default):
            groups = [(tile, word.groups[position]) for tile, word in holders if word.groups[position].bits]
            states = {group.holds(tile.bits) for tile, group in groups}
            if len(states) > 1:
                raise CheckFailed(
                    f"bit {position} of {name} differs from tile to tile", tiles[0], "the bitstream is wrong"
                )
            value |= int(states.pop() if states else default == "1") << position
            for tile, group in groups:
                tile.read |= group.bits
        return value

    def read_switch(self, tile: str, sink: str, source: str) -> None:
        """Somebody has followed a switch."""
        found = self.tiles[tile]
        found.read |= found.kind.switches[sink][source].bits

    def unread(self) -> dict[str, list[str]]:
        """Tile -> what ecpunpack says of bits that are not as in an idle tile and that nobody has read."""
        left = {}
        for name in sorted(self.tiles):
            tile = self.tiles[name]
            bits = (tile.bits ^ tile.kind.idle) - tile.read
            if bits:
                left[name] = _lines_of(tile, bits) or [f"bit F{frame}B{bit}" for frame, bit in sorted(bits)]
        return left


def _tile(name: str, lines: list[str], database: TrellisDatabase) -> Tile:
    """A tile with its bits, as ecpunpack's lines and the defaults of what they leave out say."""
    kind = database.kind(name.partition(":")[2])
    words = [line.split() for line in lines]
    tile = Tile(name, kind, kind.fill(set(), {w[1] for w in words if w[0] in ("word:", "enum:")}), lines=lines)
    try:
        for line in sorted(words, key=lambda w: w[0] == "unknown:"):
            if line[0] == "arc:":
                kind.switches[line[1]][line[2]].turn_on(tile.bits)
                tile.switches.append((line[1], line[2]))
            elif line[0] == "word:":
                apply_word(kind.words[line[1]], line[2][::-1], tile.bits)
            elif line[0] == "enum:":
                if line[2] != _NO_OPTION:
                    kind.choices[line[1]].options[line[2]].turn_on(tile.bits)
            elif line[0] == "unknown:":
                tile.bits.add(parse_bit(line[1]))
            else:
                raise KeyError(line[0])
    except (KeyError, ValueError, IndexError) as error:
        raise CheckFailed(
            f"the database of Project Trellis does not know what is unpacked of it ({error})", name, "report this"
        ) from error
    return tile


def _lines_of(tile: Tile, bits: set[Bit]) -> list[str]:
    """The lines that speak of some of the bits."""
    found = []
    for line in tile.lines:
        key, *values = line.split()
        if key == "arc:":
            meant: Iterable[Bit] = tile.kind.switches[values[0]][values[1]].bits
        elif key == "word:":
            meant = [bit for group in tile.kind.words[values[0]].groups for bit in group.bits]
        elif key == "enum:":
            options = tile.kind.choices[values[0]].options
            meant = options[values[1]].bits if values[1] in options else [b for g in options.values() for b in g.bits]
        else:
            meant = [parse_bit(values[0])]
        if not bits.isdisjoint(meant):
            found.append(line)
    return found
