# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def shuffle(image: list[int], block: list[int], channels: int, simd: int, datatype: str) -> Case:
    return Case(
        "OpenPixelShuffle_rtl",
        {"ImgDim": image, "BlockSize": block, "NumChannels": channels, "SIMD": simd, "inputDataType": datatype},
    )


GRID = [
    shuffle([6, 5], [2, 2], 4, 2, "INT3"),
    shuffle([3, 4], [2, 2], 4, 4, "UINT4"),
    shuffle([3, 4], [2, 2], 3, 1, "INT8"),
    shuffle([3, 4], [2, 3], 4, 1, "BINARY"),
    shuffle([3, 4], [3, 2], 4, 4, "INT5"),
    shuffle([2, 3], [4, 4], 3, 3, "INT6"),
    shuffle([3, 5], [2, 1], 4, 4, "INT7"),
    shuffle([3, 4], [1, 2], 4, 2, "INT3"),  # words keep their order
    shuffle([1, 1], [2, 2], 4, 4, "UINT2"),
    shuffle([1, 1], [2, 1], 4, 4, "UINT2"),
    shuffle([2, 40], [2, 2], 32, 2, "INT4"),  # rows in block memory
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"BLOCK_H": 0}, "BLOCK_H must be at least 1"),
    ({"GROUP": 0}, "GROUP and WIDTH must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, simd, bits in (
        (8, 64, 1, 3),
        (16, 32, 2, 4),
        (32, 16, 4, 3),
        (64, 8, 1, 6),
        (64, 8, 8, 4),
        (32, 32, 1, 2),
    ):
        attributes = {
            "ImgDim": [extent, extent],
            "BlockSize": [2, 2],
            "NumChannels": channels,
            "SIMD": simd,
            "inputDataType": f"UINT{bits}",
        }
        yield Case("OpenPixelShuffle_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    image, block = [size(draw), size(draw)], [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    return shuffle(image, block, *folded(draw), draw.choice(DATA_TYPES))
