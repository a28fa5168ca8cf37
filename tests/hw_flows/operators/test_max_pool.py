# SPDX-License-Identifier: BSD-3-Clause
"""Max-pool against its Python model: kernels, folds, signed and unsigned elements."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.max_pool.cases import GRID, max_pool
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_input_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 8 * 6 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([max_pool([4, 6], [2, 2], 4, 4, "INT3"), max_pool([4, 40], [2, 2], 64, 2, "UINT4")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (max_pool([4, 4], [2, 2], 6, 4, "INT3"), "PE = 4 does not divide NumChannels = 6"),
        (max_pool([4, 5], [2, 2], 6, 2, "INT3"), "PoolDim"),
        (max_pool([4, 4], [0, 2], 6, 2, "INT3"), "PoolDim"),
        (max_pool([4, 4], [2, 2], 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
