# SPDX-License-Identifier: BSD-3-Clause
"""Lookup table against its Python model: types, lanes, arguments without a result of their own."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.lookup_table.cases import GRID, lookup_table
from hw_flows.testing.operator_bench import build_model, check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 3 * 4 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([lookup_table([3, 4], 6, 2, "INT3", "INT5"), lookup_table([3, 9], 4, 1, "UINT8", "INT4")], tmp_path)


def test_a_short_table_ends_with_its_last_result():
    case = lookup_table([2, 2], 2, 1, "UINT4", "INT5", missing=5)
    operator = rtl_operator(case)
    lines = operator.rtl_memories(build_model([case]))["_table.mem"].split()
    assert len(lines) == 16 and set(lines[11:]) == {lines[10]}


def test_words_lie_at_the_bits_of_their_argument():
    case = lookup_table([2, 2], 2, 1, "INT3", "INT4")
    model = build_model([case])
    (table,) = (model.get_initializer(i.name) for i in model.graph.initializer)
    words = [int(line, 16) for line in rtl_operator(case).rtl_memories(model)["_table.mem"].split()]
    signed = np.where(np.array(words) > 7, np.array(words) - 16, words)
    assert [signed[x & 7] for x in range(-4, 4)] == table.tolist()


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (lookup_table([4, 4], 6, 4, "INT3", "INT3"), "PE = 4 does not divide NumChannels = 6"),
        (lookup_table([4, 4], 6, 2, "UINT9", "INT3"), "at most 8 address bits"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
