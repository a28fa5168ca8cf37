# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest

from hw_flows.memory_system import MemorySystem, fault_of
from hw_flows.stream_memory.faults import FAULTS
from hw_flows.stream_memory.ring import Ring
from tests.hw_flows.weight_memory.networks import image_of

LAYOUT = image_of((9, 8, 2), (9, 8, 2)).layout
SYSTEM = MemorySystem(LAYOUT, 1, (), (Ring("skip a", 8, 9, 256), Ring("skip b", 8, 9, 256)))


@pytest.mark.parametrize("place", range(3))
def test_a_stream_that_lost_words_is_named(place: int) -> None:
    told = fault_of(0b01 | place + 1 << 2 | 1 << 16, SYSTEM)
    assert told == f"the words of skip b that wait in memory are lost: {FAULTS[place]}"


def test_weights_that_cannot_be_used_are_told_first() -> None:
    assert fault_of(0b01 | 7 << 8, SYSTEM) is None
    told = fault_of(0b01 | 1 << 2 | 1 << 6 | 1 << 16, SYSTEM)
    assert told == "the weights of layer layer1 in memory cannot be used: their check sum is wrong"
    assert "number 9" in (fault_of(1 << 2 | 9 << 16, SYSTEM) or "")
