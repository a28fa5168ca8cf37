# SPDX-License-Identifier: BSD-3-Clause
"""Nearest-neighbour upsampling against FINN's Python model: factors, folds, buffers."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.upsample.cases import GRID, upsample
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_output_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 12 * 10 * 3


def test_netlist_equals_the_model(tmp_path):
    check_netlist([upsample([3, 4], [2, 2], 6, 2, "INT3"), upsample([3, 40], [2, 2], 32, 2, "UINT4")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (upsample([4, 4], [2, 2], 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (upsample([4, 4], [2, 2], 6, 2, "INT3", HO=9), "HO = 9"),
        (upsample([4, 4], [2, 2], 6, 2, "INT3", WO=2), "WO = 2"),
        (upsample([4, 4], [2, 2], 6, 2, "INT3", batchSize=2), "batchSize"),
        (upsample([4, 4], [2, 2], 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
