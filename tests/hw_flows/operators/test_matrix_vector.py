# SPDX-License-Identifier: BSD-3-Clause
"""Matrix-vector unit: equals the matrix product for every folding, width, sign and place of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qonnx.core.datatype import DataType
from qonnx.custom_op.registry import getCustomOp

from hw_flows.errors import UserError
from hw_flows.operators.matrix_vector.rtl import booth_error
from tests.hw_flows.operators.harness import FULL_SPEED, Case, build_model, check, check_netlist


def matrix_vector(
    mw: int, mh: int, simd: int, pe: int, data: str = "UINT4", weight: str = "INT4", *, vectors: tuple[int, ...] = (1, 3, 4),
    extremes: bool = False, **attributes: str,
) -> Case:  # fmt: skip
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
        MW=mw, MH=mh, SIMD=simd, PE=pe, inputDataType=data, weightDataType=weight, outputDataType=output, accDataType=output,
        numInputVectors=list(vectors), noActivation=1, **attributes,
    )  # fmt: skip
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
]


def test_grid(tmp_path: Path) -> None:
    check(GRID, tmp_path)


def test_vectors_follow_without_a_gap(tmp_path: Path) -> None:
    """SF * NF cycles a vector, and the next one at once."""
    case = matrix_vector(12, 6, 2, 3, vectors=(1, 5, 5))
    few, many = (check([case], tmp_path / str(n), frames=n, modes=(FULL_SPEED,))[0] for n in (2, 5))
    assert many.cycles - few.cycles == 3 * getCustomOp(build_model([case]).graph.node[0]).get_exp_cycles()


def test_netlist(tmp_path: Path) -> None:
    """Products in LUTs, constant weights, two products in a DSP slice, weights in block memory."""
    cases = [
        matrix_vector(6, 4, 3, 2, "UINT4", "INT3", extremes=True),
        matrix_vector(4, 2, 4, 2, "INT4", "INT4"),
        matrix_vector(6, 2, 3, 1, "UINT4", "INT4", resType="dsp", extremes=True),
        matrix_vector(8, 8, 2, 1, "UINT2", "INT4", ram_style="block"),
    ]
    check_netlist(cases, tmp_path)


@given(
    st.integers(2, 9).flatmap(lambda b: st.tuples(st.just(b), st.integers(-(1 << (b - 1)), (1 << (b - 1)) - 1))),
    st.booleans(),
)
def test_booth_rows_minus_their_error_are_the_product(bits_and_weight: tuple[int, int], leads: bool) -> None:
    bits, weight = bits_and_weight
    for data in (-8, -1, 0, 3, 255):
        rows = 0
        for k in range((bits + 1) // 2):
            digit = {0: 0, 1: 1, 2: 1, 3: 2, 4: -2, 5: -1, 6: -1, 7: 0}[(weight * 2 >> 2 * k) & 7]
            if leads and k == 0:
                rows += digit * data if digit >= 0 else ~(-digit * data)
            else:
                rows -= 4**k * (-digit * data if digit <= 0 else ~(digit * data))
        assert rows - int(booth_error(np.array([weight]), bits, leads)[0]) == weight * data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SIMD": 4}, "SIMD = 4 does not divide MW = 9"),
        ({"PE": 3}, "PE = 3 does not divide MH = 4"),
        ({"weightDataType": "INT12"}, "weightDataType is INT12"),
        ({"inputDataType": "FLOAT32"}, "data type FLOAT32"),
        ({"noActivation": 0}, "noActivation is 0"),
        ({"ram_style": "ultra"}, "ram_style is `ultra`"),
    ],
)
def test_bad_parameters_are_named(change: dict, message: str) -> None:
    operator = getCustomOp(build_model([GRID[1]]).graph.node[0])
    for name, value in change.items():
        operator.set_nodeattr(name, value)
    with pytest.raises(UserError, match=message) as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where
