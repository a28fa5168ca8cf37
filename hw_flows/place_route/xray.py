# SPDX-License-Identifier: BSD-3-Clause
"""Project X-Ray's database of 7-series configuration bits: which bits of which frames a feature of a tile sets.

Files (https://f4pga.readthedocs.io/projects/prjxray, "Database formats"): `tilegrid.json` places every tile's bits in the
frames; `segbits_<type>.db` gives a feature's bits as `<frame>_<bit>`, with `!` where the bit must be 0;
`ppips_<type>.db` lists features that take no bits (connections that are always there).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError

CONFIGURATION = {"CLB_IO_CLK": "", "BLOCK_RAM": ".block_ram"}  # configuration bus -> infix of its file


@dataclass(frozen=True)
class Segment:
    """Where a tile's bits lie: `frames` frames from address `base`, `words` 32-bit words of each from `offset`."""

    base: int
    frames: int
    offset: int
    words: int


@dataclass(frozen=True)
class Bits:
    """Bits of one feature, each (frame from the segment's base, bit from its offset), on one configuration bus."""

    bus: str
    ones: tuple[tuple[int, int], ...]
    zeros: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Tile:
    """One tile of the device; `x`, `y` as place and route counts them."""

    type: str
    x: int
    y: int
    sites: dict[str, str]
    segments: dict[str, Segment]


class Database:
    """The database of one part, read as it is needed."""

    def __init__(self, family_folder: Path, part: str) -> None:
        """`family_folder` is .../prjxray/database/zynq7, `part` an ordering code. Raises UserError if either is missing."""
        self.folder = family_folder
        self.part = part
        self.part_file = family_folder / part / "part.yaml"
        device = part[: part.index("clg")] if "clg" in part else part
        self.device_folder = family_folder / device
        grid = self.device_folder / "tilegrid.json"
        for path in (self.part_file, grid):
            if not path.is_file():
                raise UserError(
                    f"the bitstream database knows no part {part}",
                    str(path),
                    "install it: python -m hw_flows.place_route.debian_tools",
                )
        self.tiles = {name: _tile(data) for name, data in json.loads(grid.read_text(encoding="utf-8")).items()}
        self._features: dict[str, dict[tuple[str, int], Bits]] = {}
        self._free: dict[str, frozenset[str]] = {}

    def features(self, tile_type: str) -> dict[tuple[str, int], Bits]:
        """All features of a type of tile, by (name without the tile, index)."""
        if tile_type not in self._features:
            self._features[tile_type] = {
                key: Bits(bus, ones, zeros)
                for bus, infix in CONFIGURATION.items()
                for key, ones, zeros in _read_segbits(self.folder / f"segbits_{tile_type.lower()}{infix}.db")
            }
        return self._features[tile_type]

    def takes_no_bits(self, tile_type: str, feature: str) -> bool:
        """Whether a feature is a connection that is always there."""
        if tile_type not in self._free:
            path = self.folder / f"ppips_{tile_type.lower()}.db"
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
            self._free[tile_type] = frozenset(line.split()[0].split(".", 1)[1] for line in lines if line.strip())
        return feature in self._free[tile_type]

    def required_features(self) -> list[str]:
        """FASM lines that every bitstream of this part needs."""
        path = self.folder / self.part / "required_features.fasm"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _tile(data: dict) -> Tile:
    segments = {
        bus: Segment(int(bits["baseaddr"], 16), bits["frames"], bits["offset"], bits["words"])
        for bus, bits in data["bits"].items()
        if "alias"
        not in bits  # tiles at the ends of I/O columns, described through another type; no pins are used here
    }
    return Tile(data["type"], data["grid_x"], data["grid_y"], data["sites"], segments)


def _read_segbits(path: Path) -> list[tuple[tuple[str, int], tuple, tuple]]:
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, *bits = line.split()
        feature, _, index = name.split(".", 1)[1].partition("[")
        pairs = {
            negated: tuple(_bit(bit.lstrip("!")) for bit in bits if bit.startswith("!") == negated)
            for negated in (False, True)
        }
        found.append(((feature, int(index.rstrip("]") or 0)), pairs[False], pairs[True]))
    return found


def _bit(text: str) -> tuple[int, int]:
    frame, bit = text.split("_")
    return int(frame), int(bit)
