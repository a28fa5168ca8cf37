# SPDX-License-Identifier: BSD-3-Clause
"""Whether a slow frame is the memory's fault."""

from __future__ import annotations

import pytest

from hw_flows.report.memory import slowed_by_memory
from hw_flows.simulate import MemoryTraffic, SimulationResult


def run(cycles: int, wanted: dict[str, int] | None) -> SimulationResult:
    """Four frames of so many cycles; `wanted`: cycles in all of them in which units could have taken words of weights."""
    memory = None if wanted is None else MemoryTraffic(0, 0, (8,), wanted, wanted, None, None)
    return SimulationResult(
        frames=4,
        cycles=5 * cycles,
        seconds=1.0,
        finished=True,
        deadlock=None,
        frame_start=(0, cycles, 2 * cycles, 3 * cycles),
        frame_end=(cycles, 2 * cycles, 3 * cycles, 4 * cycles),
        spans={},
        fifo_peaks={},
        words_compared=0,
        values_compared=0,
        streams_compared=0,
        mismatched_words=0,
        memory=memory,
    )


@pytest.mark.parametrize(
    ("wanted", "memory"),
    [(None, False), ({"a": 0, "b": 0}, False), ({"a": 90, "b": 390}, False), ({"a": 90, "b": 400}, True)],
)
def test_memory_is_at_fault_where_one_unit_waited_for_what_a_frame_takes_longer(
    wanted: dict[str, int] | None, memory: bool
) -> None:
    assert slowed_by_memory(run(1100, wanted), 1000.0) is memory
