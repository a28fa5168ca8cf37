# SPDX-License-Identifier: BSD-3-Clause
"""Padding: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def padding(image: list[int], amounts: list[int], channels: int, simd: int, datatype: str) -> Case:
    return Case(
        "OpenFMPadding_rtl",
        {"ImgDim": image, "Padding": amounts, "NumChannels": channels, "SIMD": simd, "inputDataType": datatype},
    )


SAME = [1, 1, 1, 1]  # top, left, bottom, right

GRID = [
    padding([8, 6], SAME, 6, 2, "INT3"),
    padding([1, 1], SAME, 1, 1, "UINT8"),
    padding([4, 7], SAME, 4, 4, "UINT4"),
    padding([3, 3], [0, 0, 0, 0], 2, 1, "BINARY"),
    padding([2, 4], [0, 1, 2, 0], 3, 1, "UINT5"),
    padding([3, 2], [2, 0, 1, 3], 4, 4, "INT8"),
    padding([3, 2], [0, 2, 0, 0], 4, 2, "INT7"),
    padding([3, 2], [3, 0, 0, 0], 4, 2, "INT2"),
    padding([3, 2], [0, 0, 0, 2], 36, 36, "UINT3"),
    padding([3, 2], [0, 0, 2, 0], 12, 3, "INT6"),
    padding([1, 1], [0, 0, 0, 0], 1, 1, "UINT8"),  # rows and words of a row: 1, 2, a power of two
    padding([2, 2], [0, 0, 0, 0], 2, 2, "UINT2"),
    padding([1, 2], [1, 0, 0, 0], 2, 1, "UINT2"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"FOLD": 0}, "FOLD must be at least 1"),
    ({"WIDTH": 0}, "HEIGHT and WIDTH must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, simd, bits in (
        (128, 1, 1, 8),
        (128, 8, 1, 4),
        (64, 16, 4, 3),
        (32, 32, 2, 5),
        (16, 64, 8, 2),
        (8, 128, 1, 3),
    ):
        attributes = {
            "ImgDim": [extent, extent],
            "Padding": [1, 1, 1, 1],
            "NumChannels": channels,
            "SIMD": simd,
            "inputDataType": f"UINT{bits}",
        }
        yield Case("OpenFMPadding_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    image, amounts = [size(draw), size(draw)], [draw.choice((0, 0, 1, 2)) for _ in range(4)]
    return padding(image, amounts, *folded(draw), draw.choice(DATA_TYPES))
