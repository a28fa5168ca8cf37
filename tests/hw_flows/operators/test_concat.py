# SPDX-License-Identifier: BSD-3-Clause
"""Concatenation against FINN's Python model: folds, and elements of different widths and signs."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.concat.cases import GRID, concat
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 5 * 4 * 5


def test_netlist_equals_the_model(tmp_path):
    check_netlist([concat([1, 3, 4], [4, 2], 2, ["INT4", "UINT6"])], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (concat([1, 4, 4], [4, 6], 4, ["INT3", "INT3"]), "SIMD = 4 does not divide ChannelsPerStream = 6"),
        (concat([1, 4, 4], [4, 4, 4], 4, ["INT3", "INT3", "INT3"]), "3 streams"),
        (concat([1, 4, 4], [4, 4], 4, ["INT3", "BIPOLAR"]), "BIPOLAR"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
