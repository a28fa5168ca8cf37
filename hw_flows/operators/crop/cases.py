# SPDX-License-Identifier: BSD-3-Clause
"""Crop: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def crop(image: list[int], amounts: list[int], channels: int, simd: int, datatype: str) -> Case:
    """`amounts`: rows and pixels dropped at the top, left, bottom and right."""
    attributes = {
        "ImgDim": image,
        "Cropping": amounts,
        "NumChannels": channels,
        "SIMD": simd,
        "inputDataType": datatype,
    }
    return Case("OpenImageCrop_rtl", attributes)


AROUND = [1, 1, 1, 1]

GRID = [
    crop([8, 6], AROUND, 6, 2, "INT3"),
    crop([3, 3], AROUND, 1, 1, "UINT8"),  # one pixel is left
    crop([4, 7], [0, 0, 0, 0], 4, 4, "UINT4"),
    crop([5, 4], [0, 1, 2, 0], 3, 1, "UINT5"),
    crop([5, 6], [2, 0, 1, 3], 4, 4, "INT8"),
    crop([3, 4], [0, 2, 0, 0], 4, 2, "INT7"),
    crop([4, 2], [3, 0, 0, 0], 4, 2, "INT2"),
    crop([3, 4], [0, 0, 0, 2], 36, 36, "UINT3"),
    crop([4, 2], [0, 0, 2, 0], 12, 3, "INT6"),
    crop([1, 1], [0, 0, 0, 0], 1, 1, "BINARY"),
    crop([2, 2], [1, 0, 0, 0], 2, 2, "UINT2"),
    crop([2, 2], [0, 0, 0, 1], 1, 1, "UINT2"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"FOLD": 0}, "FOLD must be at least 1"),
    ({"CROP_TOP": 7}, "no pixel of HEIGHT (8) x WIDTH (6) is left"),
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
        yield crop([extent, extent], [2, 2, 2, 2], channels, simd, f"UINT{bits}")


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    amounts = [draw.choice((0, 0, 1, 2)) for _ in range(4)]
    image = [amounts[0] + size(draw) + amounts[2], amounts[1] + size(draw) + amounts[3]]
    return crop(image, amounts, *folded(draw), draw.choice(DATA_TYPES))
