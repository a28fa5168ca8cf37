# SPDX-License-Identifier: BSD-3-Clause
"""Streams that wait in a simulated memory: every word comes out, in order; none is stuck, and no stream waits for another.

The simulation compares every word with the one that went in, and checks the rules of AXI, that nothing is read before its write
is answered, and that nothing is overwritten before it has been read. All figures are cycles.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from hw_flows.memory_port import BURST
from hw_flows.simulate.board_memory import ZYNQ_HP, Faults, Memory
from hw_flows.stream_memory.ring import BURST_BYTES, ROW_BYTES, Ring, lay_out, rows_for
from hw_flows.stream_memory.write import RingOptions
from hw_flows.testing.ring_bench import Run, Seen, Traffic, compile_rings, simulate
from tests.hw_flows.weight_memory.memories import ROUGH

WRITE_ERROR, READ_ERROR, WRONG_LAST = 1, 2, 4
MEMORIES = pytest.mark.parametrize("memory", [Memory(), ZYNQ_HP, ROUGH], ids=["ideal", "Zynq", "rough"])

# Words side by side, with and without gaps; one a row; several rows each. Rings of two bursts and more.
MIXED = [
    Ring("a", 16, 100, 2048),
    Ring("b", 24, 100, 512),
    Ring("c", 128, 100, 1024),
    Ring("d", 64, 10, 256),
    Ring("e", 40, 10, 256),
    Ring("f", 5, 10, 256),
    Ring("g", 150, 10, 1024),
]
EVEN = [Ring(str(i), 64, 1000, 8192) for i in range(4)]
ONE = [Ring("one", 64, 1000, 8192)]


@cache
def compiled(name: str) -> tuple[list[Ring], Path]:
    rings, options = {
        "mixed": (MIXED, RingOptions()),
        "mixed, shallow": (MIXED, RingOptions(depth=16, outstanding=1)),
        "even": (EVEN, RingOptions()),
        "one": (ONE, RingOptions()),
    }[name]
    return rings, compile_rings(rings, options)


def run(name: str, *traffic: Traffic, **settings: object) -> Seen:
    """One traffic for each stream, or one for all."""
    rings, binary = compiled(name)
    each = traffic if len(traffic) == len(rings) else traffic * len(rings)
    return simulate(binary, rings, replace(Run(each), **settings))


def all_out(seen: Seen, words: int) -> bool:
    return set(seen.came_out) == {words} and seen.faults == 0 and seen.idle


# --- every word, in order ------------------------------------------------------------------------------------------------


@MEMORIES
@pytest.mark.parametrize("name", ["mixed", "mixed, shallow"])
@pytest.mark.parametrize(
    "traffic",
    [
        Traffic(words=2000),
        Traffic(words=2000, taken=0.1),
        Traffic(words=2000, taken_from=15_000),
        Traffic(words=3000, offered=0.5, taken=0.7, pause=300),
        Traffic(words=3000, offered=0.05, taken=0.07, pause=2000),
    ],
    ids=["fast", "slow consumer", "late consumer", "pauses", "slow"],
)
def test_every_word_comes_out_in_order(name: str, memory: Memory, traffic: Traffic) -> None:
    for seed in range(2):
        assert all_out(run(name, traffic, memory=memory, seed=seed), traffic.words)


@pytest.mark.parametrize("name", ["mixed", "mixed, shallow"])
def test_all_that_goes_through_memory_is_read_again_once(name: str) -> None:
    seen = run(name, Traffic(words=2000, taken=0.1), memory=ZYNQ_HP)
    assert seen.written > 500 and seen.read == BURST * seen.written


@MEMORIES
@pytest.mark.parametrize("inside", [1, 2, 3, 7, 50, 900])
def test_no_word_waits_for_one_that_comes_after_it(memory: Memory, inside: int) -> None:
    # a word comes only when one of `inside` words has left: whatever part of a row or of a burst they are, they must get through
    for seed in range(3):
        seen = run("mixed", Traffic(words=1500, inside=inside, pause=60), memory=memory, seed=seed, cycles=60_000)
        assert all_out(seen, 1500)


@MEMORIES
def test_short_waits_never_touch_memory(memory: Memory) -> None:
    # what the buffers hold: 32 rows on each side
    assert run("one", Traffic(words=2000, offered=0.4, taken=0.5), memory=memory).written == 0
    assert run("mixed", Traffic(words=2000), memory=memory).written == 0


# --- nobody blocks another -------------------------------------------------------------------------------------------------


@MEMORIES
@pytest.mark.parametrize("blocked", range(7))
def test_a_stream_that_nobody_reads_does_not_hold_up_the_others(memory: Memory, blocked: int) -> None:
    each = [Traffic(words=1500, taken=0.3, pause=200)] * 7
    each[blocked] = Traffic(words=5000, taken_from=1 << 40)
    seen = run("mixed", *each, memory=memory, cycles=100_000)
    assert [out for i, out in enumerate(seen.came_out) if i != blocked] == [1500] * 6
    assert seen.came_out[blocked] == 0 and seen.idle


@MEMORIES
@pytest.mark.parametrize("name", ["mixed", "mixed, shallow"])
def test_streams_are_consumed_in_any_order(name: str, memory: Memory) -> None:
    # words of one stream at a time, so many of it that all others fill up and stand still
    for seed in range(3):
        assert all_out(run(name, Traffic(words=3000), memory=memory, serial=True, seed=seed), 3000)


@MEMORIES
def test_as_much_fits_as_the_ring_has_and_no_more_than_with_the_buffers(memory: Memory) -> None:
    seen = run("mixed", Traffic(words=5000, taken_from=1 << 40), memory=memory, cycles=20_000)
    for ring, inside in zip(MIXED, seen.most_inside, strict=True):
        rows = rows_for(ring.word_bits, inside)
        assert ring.bytes // ROW_BYTES <= rows <= ring.bytes // ROW_BYTES + 2 * 32 + 6


def test_nobody_starves() -> None:
    # all four want more than a quarter of the port: each gets its share, and waits for a burst of each other at most
    seen = run("even", Traffic(words=6000, taken_from=3000), memory=ZYNQ_HP)
    assert all_out(seen, 6000)
    assert max(seen.longest_wait) <= 4 * (BURST + 1) + ZYNQ_HP.latency_limit + ZYNQ_HP.refresh


# --- start, stop and faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [ZYNQ_HP, ROUGH], ids=["Zynq", "rough"])
@pytest.mark.parametrize("name", ["mixed", "even"])
def test_it_stops_at_any_time_and_begins_anew(name: str, memory: Memory) -> None:
    for seed in range(4):
        stops = (300 + 97 * seed, 900 + 31 * seed, 1500, 2600 + 13 * seed)
        seen = run(name, Traffic(words=1000, taken=0.3), memory=memory, stops=stops, seed=seed)
        assert all_out(seen, 1000)


LONG = Traffic(words=2000, taken=0.15)


@pytest.mark.parametrize("burst", [0, 3, 40, 200])
def test_an_error_of_a_write_is_told_and_no_word_of_it_or_behind_it_leaves(burst: int) -> None:
    seen = run("even", LONG, memory=ZYNQ_HP, faults=Faults(write_error=burst), cycles=30_000)
    assert seen.faults == WRITE_ERROR and seen.idle
    assert seen.came_out[seen.fault_stream] < 2000


@pytest.mark.parametrize("burst, beat", [(0, 0), (3, 15), (40, 7), (200, 1)])
def test_an_error_of_a_read_is_told_and_no_word_of_its_burst_or_behind_it_leaves(burst: int, beat: int) -> None:
    faults = Faults(bus_error=(0, burst, beat))
    seen = run("even", LONG, memory=ZYNQ_HP, faults=faults, cycles=30_000)
    assert seen.faults == READ_ERROR and seen.idle
    assert seen.came_out[seen.fault_stream] < 2000


@pytest.mark.parametrize("burst", [0, 40, 200])
def test_a_burst_that_ends_early_is_told(burst: int) -> None:
    seen = run("even", LONG, memory=ZYNQ_HP, faults=Faults(wrong_last=(0, burst)), cycles=30_000)
    assert seen.faults == WRONG_LAST and seen.idle
    assert seen.came_out[seen.fault_stream] < 2000


def test_memory_that_is_not_there_is_told_with_its_stream() -> None:
    first, _ = lay_out(EVEN)
    seen = run("even", LONG, memory=ZYNQ_HP, bytes=first[3] * BURST_BYTES, cycles=30_000)
    assert (seen.faults, seen.fault_stream) == (WRITE_ERROR, 3)


def test_after_a_fault_it_can_be_started_again() -> None:
    seen = run("even", LONG, memory=ROUGH, faults=Faults(bus_error=(0, 9, 2)), stops=(4000,))
    assert all_out(seen, 2000)


# --- how fast ----------------------------------------------------------------------------------------------------------------


def rate(name: str, memory: Memory, words: int = 8000) -> float:
    """Words a cycle of all streams from 3,000 cycles on, when the rings are full, until all have come out."""
    seen = run(name, Traffic(words=words, taken_from=3000), memory=memory)
    assert all_out(seen, words) and seen.written > words * len(seen.came_out) / BURST / 2
    return words * len(seen.came_out) / (seen.cycles - 3000)


@pytest.mark.parametrize("memory", [Memory(), ZYNQ_HP], ids=["ideal", "Zynq"])
def test_a_port_writes_and_reads_a_word_in_nearly_every_cycle(memory: Memory) -> None:
    left = 1 - memory.refresh / memory.refresh_interval if memory.refresh_interval else 1.0
    assert 0.85 * left < rate("even", memory) <= 1.02


def test_a_stream_alone_has_a_quarter_of_the_port() -> None:
    assert rate("one", ZYNQ_HP) > 0.25
    assert rate("one", Memory(latency=60)) > 0.25


def test_a_word_that_does_not_wait_takes_a_few_cycles() -> None:
    seen = run("mixed", Traffic(words=200, inside=1))
    assert max(seen.longest_way) <= 9
