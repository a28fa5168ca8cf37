# SPDX-License-Identifier: BSD-3-Clause
"""Vector-vector unit: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.case import Case, Refused, folded


def vector_vector(
    channels: int,
    kernel: tuple[int, int],
    pe: int,
    simd: int = 1,
    data: str = "UINT4",
    weight: str = "INT4",
    *,
    image: tuple[int, int] = (3, 4),
    extremes: bool = False,
    **attributes: str,
) -> Case:
    """Random weights over the whole range, or only its two ends; the accumulator just wide enough for any input."""
    taps = kernel[0] * kernel[1]
    rng = np.random.default_rng(taps * 100 + channels)
    low, high = int(DataType[weight].min()), int(DataType[weight].max())
    shape = (channels, 1, *kernel)
    weights = rng.choice([low, high], shape) if extremes else rng.integers(low, high + 1, shape)
    if weight == "BIPOLAR":
        weights = np.where(weights > 0, 1, -1)
    ends = [int(DataType[data].min()), int(DataType[data].max())]
    largest = np.maximum(weights * ends[0], weights * ends[1]).sum((1, 2, 3)).max()
    least = np.minimum(weights * ends[0], weights * ends[1]).sum((1, 2, 3)).min()
    output = DataType.get_smallest_possible(min(least, -largest - 1)).name
    all_attributes = dict(
        Channels=channels,
        Kernel=list(kernel),
        PE=pe,
        SIMD=simd,
        Dim=list(image),
        inputDataType=data,
        weightDataType=weight,
        outputDataType=output,
        accDataType=output,
        noActivation=1,
        **attributes,
    )
    return Case("OpenVVAU_rtl", all_attributes, ((weights, weight),))


GRID = [
    vector_vector(4, (3, 3), 2),
    vector_vector(4, (3, 3), 4),
    vector_vector(6, (3, 3), 1, extremes=True),
    vector_vector(6, (3, 3), 3, 1, "INT5", "INT5", extremes=True),
    vector_vector(4, (3, 3), 4, 3, "UINT4", "INT3", extremes=True),
    vector_vector(3, (3, 3), 3, 9, "INT3", "INT4"),
    vector_vector(2, (5, 5), 2, 5, "UINT8", "INT8", extremes=True),
    vector_vector(5, (1, 3), 1, 1, "UINT1", "INT2"),
    vector_vector(3, (2, 1), 3, 2, "UINT2", "INT7"),
    vector_vector(4, (1, 1), 2, 1, "UINT4", "INT4"),
    vector_vector(2, (1, 1), 2, 1, "INT4", "INT6"),
    vector_vector(1, (3, 3), 1, 1, "UINT8", "INT8"),
    vector_vector(1, (2, 2), 1, 4, "UINT3", "INT4"),
    vector_vector(8, (3, 3), 2, 1, "UINT4", "BIPOLAR"),
    vector_vector(8, (3, 3), 4, 1, "UINT3", "TERNARY"),
    vector_vector(4, (3, 3), 2, 1, "UINT9", "INT4", ram_style="block"),
    vector_vector(160, (2, 2), 1, 1, "UINT4", "INT4", image=(1, 2)),  # sums in block memory
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"PE": 3}, "PE (3) must divide GROUPS (4)"),
    ({"SIMD": 2}, "SIMD (2) must divide TAPS (9)"),
    ({"SIMD": 3}, "SIMD (3) must be 1 unless PE (2) is GROUPS (4)"),
    ({"CHAIN": 2}, "CHAIN (2) must be 1 to SIMD (1) x GROUP_IN (1)"),
)


def synthesized() -> Iterator[Case]:
    """Bits of data and weight, PE and SIMD, kind of weight memory; weights evenly spread, and more than one for each product."""
    for channels, kernel, pe, simd, data, weight, style in (
        (16, 3, 1, 1, 4, 4, "auto"),
        (16, 3, 4, 1, 4, 4, "auto"),
        (16, 3, 16, 1, 4, 4, "auto"),
        (8, 3, 8, 3, 4, 4, "auto"),
        (32, 3, 8, 1, 3, 3, "auto"),
        (64, 3, 4, 1, 8, 8, "block"),
        (64, 3, 2, 1, 4, 4, "distributed"),
        (128, 5, 1, 1, 4, 4, "auto"),
        (24, 5, 12, 1, 5, 4, "auto"),
        (96, 3, 4, 1, 6, 5, "auto"),
    ):
        yield vector_vector(channels, (kernel, kernel), pe, simd, f"UINT{data}", f"INT{weight}", ram_style=style)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel = draw.choice((1, 2, 3)), draw.choice((1, 2, 3))
    channels, pe = folded(draw)
    taps = kernel[0] * kernel[1]
    simd = draw.choice([s for s in range(1, taps + 1) if taps % s == 0]) if pe == channels else 1
    data, weight = draw.choice(("UINT1", "UINT3", "INT4", "UINT5")), draw.choice(("INT2", "INT3", "INT4", "INT5"))
    return vector_vector(channels, kernel, pe, simd, data, weight, image=(1, draw.choice((1, 2, 3))))
