# SPDX-License-Identifier: BSD-3-Clause
"""Crop against its Python model: windows of all kinds, back to back, stalled and reset; and what it leaves of an image."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.base import Border
from hw_flows.operators.crop.cases import AROUND, GRID, crop
from hw_flows.operators.crop.hw import crop as crop_model
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_the_model_keeps_the_window() -> None:
    x = np.arange(4 * 5 * 2).reshape(1, 4, 5, 2)
    y = crop_model(x, 1, 2, 0, 1)
    assert y.shape == (1, 3, 2, 2)
    for row, column, channel in np.ndindex(y.shape[1:]):
        assert y[0, row, column, channel] == x[0, row + 1, column + 2, channel]


def test_equals_the_model_and_takes_one_cycle_per_input_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 8 * 6 * 3


def test_netlist_equals_the_model(tmp_path):
    check_netlist([crop([4, 5], AROUND, 6, 2, "INT3"), crop([5, 6], [2, 0, 1, 3], 4, 4, "INT8")], tmp_path)


def test_its_output_waits_for_the_pixels_before_the_window() -> None:
    operator = rtl_operator(crop([8, 6], [2, 1, 0, 0], 4, 2, "INT3"))
    assert operator.lead(None) == (2 * 6 + 1) / 48
    assert operator.lead(Border(2, 1, 6, 5)) == 0, "a border of zeros comes at once"


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (crop([4, 4], AROUND, 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (crop([4, 4], [1, 1, -1, 1], 6, 2, "INT3"), "Cropping"),
        (crop([4], AROUND, 6, 2, "INT3"), "ImgDim"),
        (crop([4, 4], [2, 0, 2, 0], 6, 2, "INT3"), "leaves no pixel"),
        (crop([4, 4], AROUND, 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
