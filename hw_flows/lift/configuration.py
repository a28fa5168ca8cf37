# SPDX-License-Identifier: BSD-3-Clause
"""What the frames of a bitstream turn on, tile by tile, and what of it has been read.

A configuration bit means something only as part of a feature (Project X-Ray's segbits). Two things are made sure of here:
each bit that is set belongs to a feature that is on, and at the end each feature that is on has been asked for by somebody
who knows what it does.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.frames import FRAME_WORDS, Frames, assemble, disassemble
from hw_flows.place_route.xray import Database

SHOWN = 3


class Configuration:
    """Features of all tiles, by the bits themselves."""

    def __init__(self, frames: Frames, database: Database) -> None:
        """Raises CheckFailed for a set bit of which no feature that is on is made."""
        self.frames = frames
        self.database = database
        features = disassemble(frames, database)
        require_explained(frames, features, database)
        self._vectors: dict[tuple[str, str], int] = defaultdict(int)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._unread: set[Feature] = set(features)
        for feature in features:
            key = feature.tile, feature.name
            if key not in self._vectors:
                self._names[feature.tile].append(feature.name)
            self._vectors[key] |= 1 << feature.bit

    def tiles(self) -> list[str]:
        """Tiles in which something is on."""
        return list(self._names)

    def names(self, tile: str) -> list[str]:
        """Features that are on in a tile, without their bit numbers; those included in another one are left out."""
        return self._names.get(tile, [])

    def vector(self, tile: str, name: str) -> int:
        """A feature of several bits as a number, such as a truth table; the features are read with it."""
        value = self._vectors.get((tile, name), 0)
        for bit in range(value.bit_length()):
            self._unread.discard(Feature(tile, name, bit))
        return value

    def has(self, tile: str, name: str, bit: int = 0) -> bool:
        """Whether a feature is on, by its bits: also where another one includes it, or where all its bits are 0.

        Raises CheckFailed where the tile has no such feature: the database is another one than this code was written for.
        """
        place = self.database.tiles[tile]
        bits = self.database.features(place.type).get((name, bit))
        if bits is None:
            raise CheckFailed(
                f"the bitstream database has no feature {name}[{bit}] of {place.type}", tile, "report this"
            )
        segment = place.segments.get(bits.bus)
        if segment is None:
            return False
        for wanted, positions in ((1, bits.ones), (0, bits.zeros)):
            for frame, position in positions:
                words = self.frames.get(segment.base + frame)
                word = 0 if words is None else int(words[segment.offset + position // 32])
                if word >> position % 32 & 1 != wanted:
                    return False
        self._unread.discard(Feature(tile, name, bit))
        return True

    def knows(self, tile: str, name: str, bit: int = 0) -> bool:
        """Whether the database has this feature of the tile."""
        return (name, bit) in self.database.features(self.database.tiles[tile].type)

    def read(self, feature: Feature) -> None:
        """Somebody has taken care of this feature, or knows that it changes nothing."""
        self._unread.discard(feature)

    def unread(self) -> list[Feature]:
        """Features that are on and that nobody has asked for, sorted."""
        return sorted(self._unread)


def require_explained(frames: Frames, features: set[Feature], database: Database) -> None:
    """Raises CheckFailed with the first set bits that belong to none of the features, by frame, word, bit and tile."""
    explained = assemble(features, database)
    blank = np.zeros(FRAME_WORDS, np.uint32)
    unknown = []
    for address in sorted(frames):
        rest = frames[address] & ~explained.get(address, blank)
        for word in np.flatnonzero(rest):
            value = int(rest[word])
            unknown += [(address, int(word), bit) for bit in range(32) if value >> bit & 1]
    if unknown:
        listed = "; ".join(_place(*position, database) for position in unknown[:SHOWN])
        raise CheckFailed(
            f"{len(unknown)} bits of the bitstream are set that the database does not explain: {listed}",
            "bitstream",
            "it uses something that Project X-Ray has not documented, or it is damaged",
        )


def _place(address: int, word: int, bit: int, database: Database) -> str:
    holders = [
        f"{name} bit {address - segment.base:02d}_{(word - segment.offset) * 32 + bit:02d}"
        for name, tile in database.tiles.items()
        for segment in tile.segments.values()
        if 0 <= address - segment.base < segment.frames and 0 <= word - segment.offset < segment.words
    ]
    return f"frame 0x{address:08X} word {word} bit {bit} ({', '.join(holders) or 'of no tile'})"
