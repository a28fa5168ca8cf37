# SPDX-License-Identifier: BSD-3-Clause
"""Pool against its Python model: overlapping and padded windows, maxima and sums, whole images."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.pool.cases import GRID, pool
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_resnets_pool_waits_for_its_input_alone(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 8 * 6 * 2


def test_windows_behind_the_image_take_a_cycle_for_each_word(tmp_path):
    case = pool([7, 9], [3, 3], [2, 2], [1, 1], 4, 2, "INT5")
    full_speed, *_ = check([case], tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(case).get_exp_cycles() == (7 * (9 + 1) + 1 * 5 - 1) * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist(
        [
            pool([8, 6], [3, 3], [2, 2], [1, 1], 4, 2, "INT4"),
            pool([5, 6], [3, 3], [1, 1], [1, 1], 2, 2, "UINT3"),
            pool([5, 7], [5, 7], [1, 1], [0, 0], 6, 2, "INT4", "sum"),
            pool([5, 6], [3, 3], [2, 1], [1, 1], 2, 2, "INT4", "average"),
            pool([4, 40], [3, 3], [2, 2], [1, 1], 64, 2, "UINT4"),
        ],
        tmp_path,
    )


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (pool([4, 4], [3, 3], [2, 2], [1, 1], 6, 4, "INT3"), "PE = 4 does not divide NumChannels = 6"),
        (pool([4, 4], [3, 3], [2, 2], [3, 1], 6, 2, "INT3", out=[2, 2]), "Pad"),
        (pool([4, 4], [3, 3], [0, 2], [1, 1], 6, 2, "INT3", out=[2, 2]), "Stride"),
        (pool([4, 4], [3, 3], [2, 2], [1, 1], 6, 2, "INT3", out=[1, 2]), "OutDim"),
        (pool([4, 4], [3, 3], [2, 2], [1, 1], 6, 2, "INT3", out=[2, 4]), "OutDim"),
        (pool([4, 4], [3, 3], [2, 2], [1, 1], 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
