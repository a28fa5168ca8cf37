# SPDX-License-Identifier: BSD-3-Clause
"""Stream fork against FINN's Python model; stalled outputs take the same word on different cycles."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.fork.cases import GRID, fork
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 5 * 4 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([fork([1, 5, 4], 4, 2, 3, "INT4")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (fork([1, 4, 4], 6, 4, 2, "INT3"), "PE = 4 does not divide NumChannels = 6"),
        (fork([1, 4, 4], 6, 2, 2, "INT3", node_outputs=3), "NumOutputStreams = 2"),
        (fork([1, 4, 4], 6, 2, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
