# SPDX-License-Identifier: BSD-3-Clause
"""Padding against FINN's Python model: images, folds and paddings of all kinds, back to back, stalled and reset."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.padding.cases import GRID, SAME, padding
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_output_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 10 * 8 * 3


def test_netlist_equals_the_model(tmp_path):
    check_netlist([padding([4, 3], SAME, 6, 2, "INT3"), padding([3, 2], [2, 0, 1, 3], 4, 4, "INT8")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (padding([4, 4], SAME, 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (padding([4, 4], SAME, 6, 0, "INT3"), "SIMD = 0"),
        (padding([4, 4], [1, 1, -1, 1], 6, 2, "INT3"), "Padding"),
        (padding([4, 4], [1, 1], 6, 2, "INT3"), "Padding"),
        (padding([0, 4], SAME, 6, 2, "INT3"), "ImgDim"),
        (padding([4, 4], SAME, 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
