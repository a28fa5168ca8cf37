# SPDX-License-Identifier: BSD-3-Clause
"""Synthesis takes the modules as they are written, and what they take is what their cost says."""

from __future__ import annotations

import pytest

from hw_flows.operators.base import Cost
from hw_flows.stream_memory.cost import rings_cost
from hw_flows.stream_memory.ring import Ring
from hw_flows.stream_memory.write import MODULE, SOURCES, write_rings
from hw_flows.testing.synthesis import module_resources


def test_the_cost_is_what_synthesis_counts() -> None:
    bits = (16, 128)
    found = module_resources(MODULE, write_rings([Ring(str(b), b, 100, 1 << 17) for b in bits]), SOURCES)
    cost = rings_cost(bits)
    assert pytest.approx(cost.lut, rel=0.1) == found.LUT
    assert pytest.approx(cost.ff, rel=0.1) == found.FF
    assert pytest.approx(cost.lutram, rel=0.05) == found.LUTRAM
    assert (found.BRAM36, found.DSP) == (0, 0)


def test_more_streams_cost_more_and_nothing_costs_block_memory() -> None:
    one, two = rings_cost([24]), rings_cost([24, 24])
    assert two.lut > one.lut and two.ff > one.ff and two.bram36 == 0
    assert rings_cost([]) == Cost(lut=10, ff=205)
