# SPDX-License-Identifier: BSD-3-Clause
"""Concatenation: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hw_flows.operators.case import DATA_TYPES, Case, Refused, size


def concat(vectors: list[int], channels: list[int], simd: int, datatypes: list[str]) -> Case:
    return Case(
        "OpenStreamingConcat_rtl",
        {"numInputVectors": vectors, "ChannelsPerStream": channels, "SIMD": simd, "inputDataTypes": datatypes},
        data_inputs=len(channels),
    )


GRID = [
    concat([1, 5, 4], [4, 6], 2, ["UINT4", "UINT4"]),
    concat([1, 3, 4], [4, 4], 4, ["INT5", "INT5"]),
    concat([1, 3, 4], [4, 4], 2, ["INT4", "UINT4"]),  # both become INT5
    concat([1, 3, 4], [4, 2], 2, ["UINT3", "UINT6"]),
    concat([1, 3, 4], [1, 3], 1, ["INT2", "INT7"]),
    concat([1, 3, 4], [9, 3], 3, ["BINARY", "INT2"]),
    concat([1, 3, 4], [36, 72], 36, ["UINT2", "INT2"]),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"OUT_BITS": 3}, "BITS_0 (4) and BITS_1 (4) must be at least 1 and at most OUT_BITS (3)"),
    ({"FOLD_1": 0}, "FOLD_0 and FOLD_1 must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for channels, simd, bits in ((8, 1, 4), (16, 2, 3), (64, 1, 2), (32, 8, 4), (128, 4, 3)):
        attributes: dict[str, Any] = {
            "ChannelsPerStream": [channels, channels],
            "SIMD": simd,
            "inputDataTypes": [f"UINT{bits}"] * 2,
            "numInputVectors": [1, 8, 8],
        }
        yield Case("OpenStreamingConcat_rtl", attributes, data_inputs=2)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    lanes = draw.choice((1, 2, 3))
    channels = [lanes * size(draw), lanes * size(draw)]
    return concat([1, 2, size(draw)], channels, lanes, [draw.choice(DATA_TYPES), draw.choice(DATA_TYPES)])
