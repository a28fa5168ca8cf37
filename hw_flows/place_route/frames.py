# SPDX-License-Identifier: BSD-3-Clause
"""Features to configuration frames and back (UG470: a 7-series frame is 101 words of 32 bits).

`assemble` and `disassemble` are written apart: the first sets the bits of each feature that is on, the second asks of every
feature of every tile whether its bits are as they must be. Where a bitstream, read again, gives the features that went in,
no feature was lost, changed by another, or turned on by accident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.xray import Bits, Database

FRAME_WORDS = 101
FRAME_BITS = 32 * FRAME_WORDS

#: Frame address -> its words, uint32; frames of all zeros may be missing.
Frames = dict[int, np.ndarray]


def assemble(features: Iterable[Feature], database: Database) -> Frames:
    """The frames that turn on exactly these features.

    Raises CheckFailed for a feature that the database lacks, and for two of which one sets a bit that the other clears.
    """
    ones: dict[int, Feature] = {}
    zeros: dict[int, Feature] = {}
    for feature in features:
        tile = database.tiles.get(feature.tile)
        bits = database.features(tile.type).get((feature.name, feature.bit)) if tile else None
        if tile is None or bits is None or bits.bus not in tile.segments:
            if tile is not None and database.takes_no_bits(tile.type, feature.name):
                continue
            raise CheckFailed(
                f"place and route used {feature}, which the bitstream database does not know",
                feature.tile,
                "a cell or setting that this route does not support is in the netlist",
            )
        segment = tile.segments[bits.bus]
        origin = segment.base * FRAME_BITS + segment.offset * 32
        for frame, bit in bits.ones:
            ones[origin + frame * FRAME_BITS + bit] = feature
        for frame, bit in bits.zeros:
            zeros[origin + frame * FRAME_BITS + bit] = feature
    clash = next(iter(ones.keys() & zeros.keys()), None)
    if clash is not None:
        raise CheckFailed(f"{ones[clash]} sets a bit that {zeros[clash]} clears", "frames", "report this: a bug")
    frames: Frames = defaultdict(lambda: np.zeros(FRAME_WORDS, np.uint32))
    for position in ones:
        frame, bit = divmod(position, FRAME_BITS)
        frames[frame][bit // 32] |= np.uint32(1 << bit % 32)
    return dict(frames)


def disassemble(frames: Frames, database: Database) -> set[Feature]:
    """All features that are on in these frames, less those that another one includes (whose bits are part of its bits).

    A feature without a bit that is set cannot be seen and is left out.
    """
    found: set[Feature] = set()
    used = {address for address, words in frames.items() if words.any()}
    tiles_of = defaultdict(list)
    for name, place in database.tiles.items():
        for bus, segment in place.segments.items():
            if any(address in used for address in range(segment.base, segment.base + segment.frames)):
                tiles_of[place.type, bus, segment.frames, segment.words].append((name, segment))
    for (tile_type, bus, count, words), tiles in tiles_of.items():
        blank = np.zeros(FRAME_WORDS, np.uint32)
        content = np.stack(
            [
                np.stack([frames.get(s.base + f, blank)[s.offset : s.offset + words] for f in range(count)])
                for _, s in tiles
            ]
        )
        bits = np.unpackbits(content.astype("<u4").view(np.uint8), axis=-1, bitorder="little").astype(bool)
        known = {key: b for key, b in database.features(tile_type).items() if b.bus == bus and b.ones}
        on: dict[int, list[tuple[tuple[str, int], Bits]]] = defaultdict(list)
        for key, feature in known.items():
            matches = np.ones(len(tiles), bool)
            for frame, bit in feature.ones:
                matches &= bits[:, frame, bit]
            for frame, bit in feature.zeros:
                matches &= ~bits[:, frame, bit]
            for position in np.flatnonzero(matches):
                on[int(position)].append((key, feature))
        for tile, matched in on.items():
            found.update(Feature(tiles[tile][0], *key) for key in _largest(matched))
    return found


def visible(features: Iterable[Feature], database: Database) -> set[Feature]:
    """What `disassemble` must find of features that went into `assemble`: those with a bit of their own, that no other includes."""
    by_tile = defaultdict(set)
    for feature in features:
        by_tile[feature.tile].add((feature.name, feature.bit))
    result: set[Feature] = set()
    for name, keys in by_tile.items():
        known = database.features(database.tiles[name].type)
        for bus in ("CLB_IO_CLK", "BLOCK_RAM"):
            own = [(key, known[key]) for key in keys if key in known and known[key].bus == bus and known[key].ones]
            result.update(Feature(name, *key) for key in _largest(own))
    return result


def _largest(matched: list[tuple[tuple[str, int], Bits]]) -> list[tuple[str, int]]:
    """Those whose set bits are not a proper part of the set bits of another one."""
    users = defaultdict(list)
    for position, (_, bits) in enumerate(matched):
        for bit in bits.ones:
            users[bit].append(position)
    kept = []
    for position, (key, bits) in enumerate(matched):
        own = set(bits.ones)
        rivals = users[bits.ones[0]]
        if not any(other != position and own < set(matched[other][1].ones) for other in rivals):
            kept.append(key)
    return kept
