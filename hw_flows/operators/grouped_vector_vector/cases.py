# SPDX-License-Identifier: BSD-3-Clause
"""Grouped vector-vector unit: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.case import Case, Refused, folded


def grouped(
    groups: int,
    group: tuple[int, int],
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
    """`group`: channels of a group, in and out. Random weights over the whole range, or only its two ends; the accumulator
    just wide enough for any input."""
    rng = np.random.default_rng(groups * 100 + group[1])
    low, high = int(DataType[weight].min()), int(DataType[weight].max())
    shape = (groups * group[1], group[0], *kernel)
    weights = rng.choice([low, high], shape) if extremes else rng.integers(low, high + 1, shape)
    ends = [int(DataType[data].min()), int(DataType[data].max())]
    largest = np.maximum(weights * ends[0], weights * ends[1]).sum((1, 2, 3)).max()
    least = np.minimum(weights * ends[0], weights * ends[1]).sum((1, 2, 3)).min()
    output = DataType.get_smallest_possible(min(least, -largest - 1)).name
    all_attributes = dict(
        Channels=groups,
        GroupIn=group[0],
        GroupOut=group[1],
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
    return Case("OpenGroupedVVAU_rtl", all_attributes, ((weights, weight),))


GRID = [
    grouped(4, (2, 3), (3, 3), 2),
    grouped(4, (2, 2), (3, 3), 4, extremes=True),
    grouped(3, (1, 2), (3, 3), 1, 1, "INT4", "INT5", extremes=True),  # a channel multiplier
    grouped(3, (1, 4), (3, 3), 3, 3, "UINT3", "INT3"),
    grouped(2, (3, 1), (1, 3), 2, 3, "INT3", "INT4"),
    grouped(2, (4, 4), (1, 1), 1, 1, "UINT2", "INT4"),
    grouped(2, (2, 2), (1, 1), 2, 1, "UINT8", "INT8", extremes=True),
    grouped(1, (2, 2), (2, 2), 1, 2),
    grouped(6, (2, 2), (3, 3), 3, 1, "UINT9", "INT4", ram_style="block"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"GROUP_OUT": 0}, "GROUP_IN (2) and GROUP_OUT (0) must be at least 1"),
    ({"CHAIN": 3}, "CHAIN (3) must be 1 to SIMD (1) x GROUP_IN (2)"),
)


def synthesized() -> Iterator[Case]:
    """Bits of data and weight, groups and their size, folding; weights evenly spread, and more than one for each product."""
    for groups, group, kernel, pe, simd, data, weight in (
        (8, (4, 4), 3, 1, 1, 4, 4),
        (8, (4, 4), 3, 4, 1, 3, 3),
        (16, (2, 2), 3, 2, 1, 4, 4),
        (8, (1, 2), 3, 4, 1, 4, 4),
        (4, (2, 4), 3, 4, 3, 4, 4),
        (4, (8, 8), 3, 1, 1, 3, 3),
    ):
        yield grouped(groups, group, (kernel, kernel), pe, simd, f"UINT{data}", f"INT{weight}")


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel = draw.choice((1, 2, 3)), draw.choice((1, 2, 3))
    groups, pe = folded(draw)
    taps = kernel[0] * kernel[1]
    simd = draw.choice([s for s in range(1, taps + 1) if taps % s == 0]) if pe == groups else 1
    group = draw.choice((1, 2, 3)), draw.choice((1, 2, 3))
    data, weight = draw.choice(("UINT1", "UINT3", "INT4", "UINT5")), draw.choice(("INT2", "INT3", "INT4", "INT5"))
    return grouped(groups, group, kernel, pe, simd, data, weight, image=(1, draw.choice((1, 2, 3))))
