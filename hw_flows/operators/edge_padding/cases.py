# SPDX-License-Identifier: BSD-3-Clause
"""Padding by the image's own pixels: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def edges(image: list[int], amounts: list[int], channels: int, simd: int, datatype: str, reflect: int = 1) -> Case:
    """`amounts`: rows and pixels at the top, left, bottom and right."""
    attributes = {
        "ImgDim": image,
        "Padding": amounts,
        "Reflect": reflect,
        "NumChannels": channels,
        "SIMD": simd,
        "inputDataType": datatype,
    }
    return Case("OpenEdgePadding_rtl", attributes)


SAME = [1, 1, 1, 1]

GRID = [
    edges([8, 6], SAME, 6, 2, "INT3"),
    edges([8, 6], SAME, 4, 2, "UINT4", 0),
    edges([2, 2], SAME, 1, 1, "UINT8"),
    edges([1, 1], SAME, 2, 1, "UINT3", 0),
    edges([4, 5], [3, 2, 1, 4], 3, 1, "INT5"),
    edges([3, 4], [2, 0, 0, 3], 4, 4, "BINARY"),
    edges([3, 4], [0, 2, 2, 0], 4, 2, "INT7"),
    edges([3, 2], [4, 0, 1, 3], 2, 2, "UINT2", 0),
    edges([3, 4], [0, 0, 0, 0], 2, 1, "UINT5"),
    edges([4, 40], SAME, 32, 2, "UINT4"),  # rows in block memory
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"FOLD": 0}, "FOLD must be at least 1"),
    ({"REFLECT": 2}, "REFLECT (2) must be 0 or 1"),
    ({"PAD_LEFT": 6}, "must be at least 1 and more than the borders that mirror them"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, simd, bits, reflect in (
        (128, 1, 1, 8, 1),
        (64, 8, 1, 4, 1),
        (64, 16, 4, 3, 0),
        (32, 32, 2, 5, 1),
        (16, 64, 8, 2, 0),
        (8, 128, 1, 3, 1),
    ):
        yield edges([extent, extent], SAME, channels, simd, f"UINT{bits}", reflect)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    reflect, amounts = draw.choice((0, 1)), [draw.choice((0, 0, 1, 2)) for _ in range(4)]
    image = [max(amounts[i], amounts[i + 2]) + size(draw) for i in range(2)]
    return edges(image, amounts, *folded(draw), draw.choice(DATA_TYPES), reflect)
