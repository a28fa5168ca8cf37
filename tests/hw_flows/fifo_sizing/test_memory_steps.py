# SPDX-License-Identifier: BSD-3-Clause
"""Depths that cost the same memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hw_flows.fifo_sizing.memory_steps import LEAST_DEPTH, free_depth, memory_steps
from hw_flows.operators.fifo.rtl import fifo_cost, fifo_style
from hw_flows.operators.fifo.rtl import fifo_luts as memory

widths, depths = st.integers(1, 200), st.integers(LEAST_DEPTH, 20_000)


@given(widths, depths)
def test_rounding_up_is_free(width, depth):
    rounded = free_depth(width, depth)
    before, after = (fifo_cost(width, d, fifo_style(width, d)) for d in (depth, rounded))
    assert rounded >= depth
    assert after.lut + after.lutram <= before.lut + before.lutram
    assert after.bram36 <= before.bram36


@given(widths, depths)
def test_steps_rise_in_depth_and_memory_and_end_at_the_given_depth(width, depth):
    steps = memory_steps(width, depth)
    assert steps[-1] == depth
    assert steps == sorted(set(steps)) and steps[0] >= LEAST_DEPTH
    costs = [memory(width, step) for step in steps]
    assert costs == sorted(set(costs))
