# SPDX-License-Identifier: BSD-3-Clause
"""Matrix-vector unit: equals the matrix product for every folding, width, sign and place of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators.matrix_vector.cases import GRID, matrix_vector
from hw_flows.operators.matrix_vector.rtl import booth_error, pack_words
from hw_flows.testing.operator_bench import FULL_SPEED, build_model, check, check_netlist


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


@pytest.mark.parametrize(("values", "bits"), [(1, 1), (3, 4), (15, 4), (16, 4), (9, 7), (63, 1), (100, 5), (2, 30)])
def test_words_hold_their_values_from_the_lowest_bits_on(values: int, bits: int) -> None:
    rows = np.random.default_rng(bits).integers(-(1 << bits - 1), 1 << bits - 1, (6, values))
    for row, line in zip(rows.tolist(), pack_words(rows, bits).splitlines(), strict=True):
        assert line == f"{sum((value % (1 << bits)) << bits * place for place, value in enumerate(row)):x}"


def test_more_values_than_are_packed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(35).reshape(7, 5)
    whole = pack_words(rows, 6)
    monkeypatch.setattr("hw_flows.operators.matrix_vector.rtl._VALUES_AT_ONCE", 10)
    assert pack_words(rows, 6) == whole


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
