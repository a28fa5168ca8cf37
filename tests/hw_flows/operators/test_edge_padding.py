# SPDX-License-Identifier: BSD-3-Clause
"""Padding by the image's own pixels against its Python model: borders of all kinds, back to back, stalled and reset."""

from __future__ import annotations

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.edge_padding.cases import GRID, SAME, edges
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_output_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 10 * 8 * 3


def test_netlist_equals_the_model(tmp_path):
    check_netlist([edges([4, 3], SAME, 6, 2, "INT3"), edges([3, 2], [2, 0, 1, 3], 4, 4, "INT8", 0)], tmp_path)


def test_a_mirrored_border_waits_for_the_rows_that_it_holds() -> None:
    mirrored = rtl_operator(edges([8, 8], SAME, 4, 2, "UINT4")).lead(None)
    repeated = rtl_operator(edges([8, 8], SAME, 4, 2, "UINT4", 0)).lead(None)
    assert mirrored > 1 / 8 > repeated > 0


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (edges([4, 4], SAME, 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (edges([4, 4], [1, 1, -1, 1], 6, 2, "INT3"), "Padding"),
        (edges([4], SAME, 6, 2, "INT3"), "ImgDim"),
        (edges([4, 2], [0, 2, 0, 0], 6, 2, "INT3"), "mirrors more than"),
        (edges([4, 4], SAME, 6, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
