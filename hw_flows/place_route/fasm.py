# SPDX-License-Identifier: BSD-3-Clause
"""FPGA assembly (FASM, https://fasm.readthedocs.io): one configurable feature of one tile a line.

Read into canonical form: one bit a feature. `TILE.LUT.INIT[3:0] = 4'b1010` is the features INIT[1] and INIT[3].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hw_flows.machine.errors import CheckFailed

_LINE = re.compile(r"(\w+)\.([\w.]+)(?:\[(\d+)(?::(\d+))?\])?(?:\s*=\s*(?:\d+)?'?([bhd]?)([0-9A-Fa-f_]+))?")
_BASE = {"": 10, "b": 2, "h": 16, "d": 10}


class Feature(NamedTuple):
    """One feature that is on: of tile `tile`, bit `bit` of it (0 where it has one bit)."""

    tile: str
    name: str
    bit: int

    def __str__(self) -> str:
        return f"{self.tile}.{self.name}[{self.bit}]"


def read_fasm(path: Path) -> Iterator[Feature]:
    """The features that a FASM file turns on, in its order. Raises CheckFailed at a line that is none."""
    with path.open(encoding="utf-8") as lines:
        yield from parse_fasm(lines, str(path))


def parse_fasm(lines: Iterable[str], where: str) -> Iterator[Feature]:
    """`read_fasm` for lines of text; `where` names them in errors."""
    for number, line in enumerate(lines, 1):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise CheckFailed("a line is not FASM", f"{where}, line {number}", text[:100])
        tile, name, high, low, base, digits = match.groups()
        value = int(digits, _BASE[base]) if digits else 1
        lowest = int(low if low is not None else high or 0)
        if value >> (int(high or 0) - lowest + 1):
            raise CheckFailed("a value is wider than its feature", f"{where}, line {number}", text[:100])
        while value:
            lowest_one = value & -value
            yield Feature(tile, name, lowest + lowest_one.bit_length() - 1)
            value ^= lowest_one
