# SPDX-License-Identifier: BSD-3-Clause
"""Bilinear upsampling: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.bilinear.axis import find_axis
from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size

WAYS = ("half_pixel", "align_corners", "asymmetric")


def bilinear(
    image: list[int], out: list[int], channels: int, simd: int, datatype: str, way: str = "half_pixel"
) -> Case:
    axes = [find_axis(i, o, way) for i, o in zip(image, out, strict=True)]
    assert None not in axes
    attributes = {
        "ImgDim": image,
        "OutDim": out,
        "Steps": [axis.step for axis in axes if axis],
        "Parts": [axis.parts for axis in axes if axis],
        "Before": [axis.before for axis in axes if axis],
        "NumChannels": channels,
        "SIMD": simd,
        "inputDataType": datatype,
    }
    return Case("OpenBilinearUpsample_rtl", attributes)


GRID = [
    bilinear([6, 5], [12, 10], 6, 2, "UINT4"),
    bilinear([3, 4], [12, 16], 4, 4, "INT3"),
    bilinear([5, 6], [10, 12], 3, 1, "INT4", "align_corners"),
    bilinear([4, 4], [8, 8], 2, 2, "UINT8", "asymmetric"),
    bilinear([3, 5], [9, 5], 2, 1, "BINARY"),
    bilinear([3, 2], [3, 8], 4, 2, "INT8"),
    bilinear([1, 1], [2, 2], 2, 2, "UINT4"),
    bilinear([1, 4], [3, 8], 2, 1, "UINT2", "align_corners"),
    bilinear([4, 1], [8, 2], 3, 3, "INT2"),
    bilinear([2, 2], [2, 2], 2, 1, "UINT3"),
    bilinear([5, 7], [7, 8], 2, 1, "INT5"),  # no whole factor
    bilinear([2, 2], [4, 4], 1, 1, "UINT4", "align_corners"),
    bilinear([2, 40], [4, 80], 64, 2, "UINT4"),  # rows in block memory
]

#: Parameters of the modules that their checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"FOLD": 0}, "FOLD must be at least 1"),
    ({"OUT_BITS": 3}, "OUT_BITS (3) at least ELEMENT_BITS"),
    ({"STEP_H": 5}, "STEP (5) must be at least 1 and at most PARTS (4)"),
    ({"OUT_WIDTH": 4}, "IN (5) must be at least 1 and at most OUT (4)"),
    ({"BEFORE_W": 4}, "BEFORE (4) must be less than PARTS"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, factor, channels, simd, bits, way in (
        (8, 2, 64, 1, 4, "half_pixel"),
        (16, 2, 32, 2, 4, "half_pixel"),
        (32, 2, 16, 4, 3, "half_pixel"),
        (64, 2, 8, 8, 4, "half_pixel"),
        (16, 4, 16, 1, 4, "half_pixel"),
        (8, 2, 32, 1, 4, "align_corners"),
        (32, 2, 16, 2, 4, "align_corners"),
        (64, 2, 8, 1, 8, "align_corners"),
    ):
        yield bilinear([extent] * 2, [factor * extent] * 2, channels, simd, f"UINT{bits}", way)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    image = [size(draw), size(draw)]
    out = [draw.choice((i, 2 * i, 2 * i, 3 * i, i + 1)) for i in image]
    return bilinear(image, out, *folded(draw), draw.choice(DATA_TYPES), draw.choice(WAYS))
