# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle against its Python model: block sizes, folds, buffers."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.pixel_shuffle.cases import GRID, shuffle
from hw_flows.testing.operator_bench import FULL_SPEED, check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 6 * 5 * 4 * 2


def test_larger_blocks_take_the_cycles_that_they_say(tmp_path):
    case = shuffle([5, 4], [3, 2], 4, 2, "INT4")
    (full_speed,) = check([case], tmp_path, modes=[FULL_SPEED])
    assert full_speed.cycles_per_frame == rtl_operator(case).get_exp_cycles() > 5 * 4 * 6 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([shuffle([3, 4], [2, 2], 4, 2, "INT3"), shuffle([2, 40], [2, 2], 32, 2, "INT4")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (shuffle([4, 4], [2, 2], 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (shuffle([4, 4], [2, 0], 6, 2, "INT3"), "BlockSize"),
        (shuffle([4], [2, 2], 6, 2, "INT3"), "ImgDim"),
        (shuffle([4, 4], [2, 2], 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
