# SPDX-License-Identifier: BSD-3-Clause
"""Nearest-neighbour upsampling: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def upsample(image: list[int], factors: list[int], channels: int, simd: int, datatype: str, **more: Any) -> Case:
    (h, w), (fh, fw) = image, factors
    attributes = {
        "HI": h,
        "WI": w,
        "HO": h * fh,
        "WO": w * fw,
        "NumChannels": channels,
        "SIMD": simd,
        "inputDataType": datatype,
    }
    return Case("OpenUpsampleNearestNeighbour_rtl", {**attributes, **more})


GRID = [
    upsample([6, 5], [2, 2], 6, 2, "INT3"),
    upsample([3, 4], [2, 2], 4, 4, "UINT4"),
    upsample([3, 4], [2, 2], 3, 1, "INT8"),
    upsample([3, 5], [3, 2], 6, 2, "INT3"),
    upsample([3, 5], [2, 3], 4, 4, "BINARY"),
    upsample([3, 5], [1, 3], 6, 2, "INT5"),
    upsample([3, 5], [2, 1], 6, 3, "INT6"),
    upsample([2, 2], [1, 1], 2, 2, "UINT7"),
    upsample([1, 1], [2, 2], 2, 2, "UINT4"),  # a row of one word
    upsample([4, 1], [4, 4], 8, 2, "UINT2"),
    upsample([3, 40], [2, 2], 32, 2, "UINT4"),  # row in block memory
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (({"SCALE_H": 0}, "SCALE_H and SCALE_W must be at least 1"),)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, simd, bits in ((8, 64, 1, 3), (16, 32, 2, 4), (32, 16, 4, 3), (64, 8, 1, 6), (64, 8, 8, 4)):
        attributes = {
            "HI": extent,
            "WI": extent,
            "HO": 2 * extent,
            "WO": 2 * extent,
            "NumChannels": channels,
            "SIMD": simd,
            "inputDataType": f"UINT{bits}",
        }
        yield Case("OpenUpsampleNearestNeighbour_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    image, factors = [size(draw), size(draw)], [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    return upsample(image, factors, *folded(draw), draw.choice(DATA_TYPES))
