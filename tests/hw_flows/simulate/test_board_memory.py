# SPDX-License-Identifier: BSD-3-Clause
"""The same memory takes the same time at any clock of the reader."""

from __future__ import annotations

import pytest

from hw_flows.simulate.board_memory import ZYNQ_HP


@pytest.mark.parametrize("mhz", [50.0, 100.0, 150.0])
def test_a_memory_takes_the_same_time_at_another_clock(mhz: float) -> None:
    there = ZYNQ_HP.at(mhz)
    assert there.bytes_per_cycle * mhz == pytest.approx(1575)  # MB/s
    for cycles in ("latency", "jitter", "latency_limit", "refresh", "refresh_interval"):
        assert getattr(there, cycles) / mhz == pytest.approx(getattr(ZYNQ_HP, cycles) / 100, abs=0.51 / mhz)
    assert (there.accepts, there.title) == (ZYNQ_HP.accepts, ZYNQ_HP.title)
