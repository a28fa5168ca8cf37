# SPDX-License-Identifier: BSD-3-Clause
"""Matrix-vector unit: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.case import Case, Refused, size


def matrix_vector(
    mw: int,
    mh: int,
    simd: int,
    pe: int,
    data: str = "UINT4",
    weight: str = "INT4",
    *,
    vectors: tuple[int, ...] = (1, 3, 4),
    extremes: bool = False,
    **attributes: str,
) -> Case:
    """Random weights over the whole range, or only its two ends; the accumulator just wide enough for any input."""
    rng = np.random.default_rng(mw * 100 + mh)
    low, high = int(DataType[weight].min()), int(DataType[weight].max())
    matrix = rng.choice([low, high], (mw, mh)) if extremes else rng.integers(low, high + 1, (mw, mh))
    if weight == "BIPOLAR":
        matrix = np.where(matrix > 0, 1, -1)
    ends = [int(DataType[data].min()), int(DataType[data].max())]
    sums = [
        np.maximum(matrix * ends[0], matrix * ends[1]).sum(0).max(),
        np.minimum(matrix * ends[0], matrix * ends[1]).sum(0).min(),
    ]
    output = DataType.get_smallest_possible(min(sums[1], -sums[0] - 1)).name
    all_attributes = dict(
        MW=mw,
        MH=mh,
        SIMD=simd,
        PE=pe,
        inputDataType=data,
        weightDataType=weight,
        outputDataType=output,
        accDataType=output,
        numInputVectors=list(vectors),
        noActivation=1,
        **attributes,
    )
    return Case("OpenMVAU_rtl", all_attributes, ((matrix, weight),))


GRID = [
    matrix_vector(9, 4, 9, 4),
    matrix_vector(9, 4, 3, 2),
    matrix_vector(18, 6, 6, 3, "UINT4", "INT3", extremes=True),
    matrix_vector(12, 5, 4, 5, "UINT3", "INT2", extremes=True),
    matrix_vector(12, 6, 1, 1, "UINT8", "INT8", extremes=True),
    matrix_vector(7, 3, 7, 1, "INT5", "INT5", extremes=True),
    matrix_vector(8, 8, 2, 8, "UINT2", "INT7"),
    matrix_vector(8, 1, 8, 1, "UINT1", "INT4"),
    matrix_vector(6, 4, 6, 4, "INT4", "INT6", vectors=(5,)),
    matrix_vector(1, 1, 1, 1, "UINT8", "INT8", vectors=(9,)),
    matrix_vector(10, 4, 5, 2, "UINT9", "INT4", resType="dsp"),
    matrix_vector(6, 2, 3, 1, "INT8", "INT8", resType="dsp", extremes=True),
    matrix_vector(9, 4, 9, 2, "UINT4", "INT4", resType="dsp", extremes=True),
    matrix_vector(12, 2, 6, 1, "INT6", "INT4", resType="dsp", extremes=True),
    matrix_vector(4, 4, 2, 4, "UINT1", "INT2", resType="dsp"),
    matrix_vector(3, 2, 1, 1, "UINT3", "INT3", resType="dsp"),
    matrix_vector(16, 16, 2, 2, "UINT4", "INT4", ram_style="block"),
    matrix_vector(20, 40, 2, 1, "UINT4", "INT4", vectors=(2,)),
    matrix_vector(8, 6, 4, 2, "UINT4", "BIPOLAR"),
    matrix_vector(8, 4, 8, 2, "UINT3", "TERNARY"),
    matrix_vector(150, 4, 1, 2, "UINT4", "INT4", vectors=(2,)),
    matrix_vector(9, 4, 3, 2, "UINT12", "INT4", extremes=True),
    matrix_vector(4, 2, 2, 2, "UINT16", "INT6", extremes=True),
    matrix_vector(6, 2, 3, 1, "UINT12", "INT8", resType="dsp", extremes=True),
    matrix_vector(3, 2, 3, 2, "INT17", "INT4", resType="dsp", extremes=True),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"SIMD": 4}, "SIMD (4) must divide MW (9)"),
    ({"PE": 3}, "PE (3) must divide MH (4)"),
    ({"CHAIN": 10}, "CHAIN (10) must be 1 to SIMD (9)"),
)


def synthesized() -> Iterator[Case]:
    """Bits of data and weight, SIMD and PE, products in LUT or DSP, kind of weight memory; weights evenly spread."""
    for data, weight in ((2, 2), (2, 3), (3, 3), (3, 5), (4, 4), (5, 4), (6, 5), (8, 6), (8, 8)):
        for simd, pe in ((1, 1), (4, 2), (9, 1), (6, 4)):
            yield _synthesized(36 if simd != 4 else 32, 16, simd, pe, data, weight)
        for simd, pe in ((3, 2), (6, 4)):
            yield _synthesized(36, 16, simd, pe, data, weight, resType="dsp")
    for style in ("block", "distributed"):
        for mw, mh, simd, pe, weight in ((144, 32, 6, 4, 3), (288, 16, 12, 1, 4), (64, 64, 4, 4, 2), (16, 8, 4, 2, 8)):
            yield _synthesized(mw, mh, simd, pe, 4, weight, ram_style=style)
    for mw, mh, simd, pe in (
        (9, 8, 9, 1),
        (9, 8, 3, 8),
        (576, 64, 24, 1),
        (1152, 32, 16, 1),
        (8, 4, 8, 1),
        (24, 4, 24, 2),
    ):
        yield _synthesized(mw, mh, simd, pe, 3, 3)


def _synthesized(mw: int, mh: int, simd: int, pe: int, data: int, weight: int, **more: str) -> Case:
    matrix = np.random.default_rng(mw * mh + simd).integers(-(1 << (weight - 1)), 1 << (weight - 1), (mw, mh))
    largest = (np.abs(matrix).sum(0) * ((1 << data) - 1)).max()
    result = DataType.get_smallest_possible(-int(largest) - 1).name
    attributes = {
        "MW": mw,
        "MH": mh,
        "SIMD": simd,
        "PE": pe,
        "inputDataType": f"UINT{data}",
        "weightDataType": f"INT{weight}",
        "outputDataType": result,
        "accDataType": result,
        "numInputVectors": [1, 4, 4],
        "noActivation": 1,
        **more,
    }
    return Case("OpenMVAU_rtl", attributes, ((matrix, f"INT{weight}"),))


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    simd, pe = draw.choice((1, 2, 3, 4, 5, 7)), draw.choice((1, 2))
    return matrix_vector(
        simd * draw.choice((1, 1, 2, 3)),
        pe * draw.choice((1, 1, 2, 3)),
        simd,
        pe,
        draw.choice(("UINT1", "UINT3", "INT4", "UINT5")),
        draw.choice(("INT2", "INT3", "INT4", "INT5")),
        vectors=(1, size(draw)),
        resType=draw.choice(("lut", "dsp")),
        ram_style=draw.choice(("auto", "block")),
    )
