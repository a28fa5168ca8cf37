# SPDX-License-Identifier: BSD-3-Clause
"""The reader in front of a simulated memory: every unit gets its words in order, a wrong one never makes a frame, nobody starves.

All figures are cycles.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.memory_port import BURST
from hw_flows.simulate.board_memory import ZYNQ_HP, Faults, Memory
from hw_flows.testing.reader_bench import Run, Seen, compile_reader, simulate
from hw_flows.weight_memory.image import Layout, MemoryImage, build_image, read_streams
from hw_flows.weight_memory.region import HEAD_WORDS, WORD_BYTES
from hw_flows.weight_memory.write import FRAME_BITS, ReaderOptions, depth_of, write_reader
from tests.hw_flows.weight_memory.memories import ROUGH
from tests.hw_flows.weight_memory.networks import image_of, stream

BUS_ERROR, IDENTITY, CHECK_SUM, LAST = 1, 2, 4, 8
OUTPUT_WORDS = 6
LEAD = 2**FRAME_BITS - 1

# Words that divide 64 bits and such that do not, wide ones, regions of a word, of a whole burst, and of many bursts.
MIXED = image_of((100, 8, 2), (33, 12, 3), (14, 64, 4), (40, 128, 2), (1, 5, 4), (77, 36, 2), (9, 144, 3))
EVEN = image_of(*((1000, 16, 4),) * 6)
ONE = image_of((300, 32, 3))


@cache
def reader(name: str) -> tuple[MemoryImage, Path]:
    image, options = {
        "two ports": (MIXED, ReaderOptions(ports=2)),
        "four ports": (MIXED, ReaderOptions(ports=4, depth=16, outstanding=3)),
        "even": (EVEN, ReaderOptions()),
        "one": (ONE, ReaderOptions(depth=64)),
    }[name]
    return image, compile_reader(image.layout, OUTPUT_WORDS, options)


def run(name: str, settings: Run, data: bytes | None = None) -> Seen:
    image, binary = reader(name)
    return simulate(binary, image.layout, image.data if data is None else data, settings)


def all_right(image: MemoryImage, seen: Seen, frames: int) -> bool:
    """Every unit has had the words of at least so many frames, and whatever it has had is right."""
    for layer, got in zip(read_streams(image), seen.streams, strict=True):
        whole = np.concatenate([layer.words] * layer.repeats * (frames + LEAD + 1))
        if len(got) < len(layer.words) * layer.repeats * frames or not np.array_equal(got, whole[: len(got)]):
            return False
    return True


def prefix_right(image: MemoryImage, seen: Seen) -> bool:
    return all_right(image, seen, 0)


@pytest.mark.parametrize("memory", [Memory(), ZYNQ_HP, ROUGH], ids=["ideal", "Zynq", "rough"])
@pytest.mark.parametrize("name", ["two ports", "four ports"])
def test_every_unit_gets_its_words_in_order(name: str, memory: Memory) -> None:
    for seed, stall in enumerate((0.0, 0.1, 0.6)):
        seen = run(name, Run(memory=memory, frames=4, stall=stall, seed=seed))
        assert all_right(MIXED, seen, 4)
        assert seen.frames >= 4 and seen.faults == 0 and seen.outside == 0 and seen.idle


def test_a_port_never_has_more_bursts_under_way_than_allowed() -> None:
    assert max(run("four ports", Run(memory=Memory(latency=100), frames=4)).outstanding) <= 3
    assert run("even", Run(memory=Memory(latency=100, accepts=20))).outstanding == (8,)


@pytest.mark.parametrize("name", ["two ports", "even"])
def test_it_stops_at_any_time_and_begins_anew(name: str) -> None:
    image, _ = reader(name)
    for seed in range(4):
        stops = tuple(int(c) for c in np.cumsum(np.random.default_rng(seed).integers(150, 700, 4)))
        seen = run(name, Run(memory=ROUGH, frames=2, stops=stops, stall=0.3, seed=seed))
        assert all_right(image, seen, 2) and seen.frames >= 2 and seen.faults == 0 and seen.idle


# --- faults: the accelerator gives its frames at once, so that nothing but the gate can withhold them ---------------------


def test_frames_leave_only_when_their_weights_are_verified() -> None:
    assert run("even", Run(faithful=False, frames=3)).frames >= 3
    # one unit takes nothing: its buffer is full, so its weights are never verified; the others go on up to their lead
    for blocked in (0, 3):
        seen = run("even", Run(faithful=False, blocked=blocked, cycles=200_000))
        assert seen.frames == 0 and seen.faults == 0
        words = EVEN.layout.regions[0].words * EVEN.layout.regions[0].repeats
        assert [len(s) // words for s in seen.streams] == [0 if i == blocked else LEAD for i in range(6)]


def bursts_per_frame(layout: Layout) -> int:
    return sum(-(-region.bus_words // BURST) * region.repeats for region in layout.regions)


@pytest.mark.parametrize("burst, beat", [(0, 0), (5, 3), (200, 1), (777, 7)])
def test_a_bus_error_is_told_and_withholds_the_frame(burst: int, beat: int) -> None:
    settings = Run(memory=ZYNQ_HP, faults=Faults(bus_error=(0, burst, beat)), faithful=False, frames=20, cycles=15_000)
    seen = run("even", settings)
    assert seen.faults == BUS_ERROR
    assert seen.frames <= burst // bursts_per_frame(EVEN.layout)
    assert prefix_right(EVEN, seen) and seen.idle


def test_after_a_fault_it_can_be_started_again() -> None:
    seen = run("even", Run(memory=ROUGH, faults=Faults(bus_error=(0, 30, 2)), stops=(4_000,), frames=2))
    assert all_right(EVEN, seen, 2) and seen.frames >= 2 and seen.faults == 0 and seen.idle


@pytest.mark.parametrize("burst", [0, 4, 300])
def test_a_burst_that_ends_early_is_told(burst: int) -> None:
    settings = Run(faults=Faults(wrong_last=(0, burst)), faithful=False, frames=20, cycles=15_000)
    seen = run("even", settings)
    assert seen.faults == LAST
    assert seen.frames <= burst // bursts_per_frame(EVEN.layout)


@pytest.mark.parametrize("number", range(7))
def test_a_flipped_bit_in_memory_is_told_with_its_layer(number: int) -> None:
    region = MIXED.layout.regions[number]
    for seed in range(3):
        bit = int(np.random.default_rng((number, seed)).integers(64, 64 * region.bus_words))
        data = bytearray(MIXED.data)
        data[region.offset + bit // 8] ^= 1 << bit % 8
        seen = run("two ports", Run(memory=ROUGH, faithful=False, cycles=6_000, seed=seed), bytes(data))
        assert (seen.faults, seen.fault_number, seen.frames) == (CHECK_SUM, number, 0)
        assert seen.idle


@pytest.mark.parametrize("number", range(7))
def test_a_wrong_identity_is_told_with_its_layer(number: int) -> None:
    region = MIXED.layout.regions[number]
    data = bytearray(MIXED.data)
    other = build_image(
        [stream(i, r.words, r.word_bits, r.repeats, seed=2) for i, r in enumerate(MIXED.layout.regions)]
    )
    size = region.bus_words * WORD_BYTES
    data[region.offset : region.offset + size] = other.data[region.offset : region.offset + size]
    seen = run("four ports", Run(faithful=False, cycles=6_000), bytes(data))
    assert (seen.faults, seen.fault_number, seen.frames) == (IDENTITY, number, 0)


def test_regions_that_changed_places_are_told() -> None:
    first, second = (r.offset for r in EVEN.layout.regions[:2])
    size = second - first
    data = bytearray(EVEN.data)
    data[:size], data[size : 2 * size] = data[size : 2 * size], data[:size]
    seen = run("even", Run(faithful=False, cycles=6_000), bytes(data))
    assert (seen.faults & IDENTITY, seen.frames) == (IDENTITY, 0)
    assert seen.fault_number in (0, 1)


def test_an_image_that_ends_too_early_is_told() -> None:
    seen = run("even", Run(faithful=False, cycles=6_000), EVEN.data[: EVEN.layout.regions[5].offset + 200])
    assert seen.faults & BUS_ERROR and seen.fault_number == 5 and seen.frames == 0 and seen.outside > 0


def test_zeros_are_no_weights() -> None:
    seen = run("even", Run(faithful=False, cycles=6_000), bytes(len(EVEN.data)))
    assert (seen.faults & IDENTITY, seen.frames) == (IDENTITY, 0)


# --- how fast ----------------------------------------------------------------------------------------------------------


def words_per_cycle(name: str, memory: Memory, frames: int = 8) -> float:
    image, _ = reader(name)
    seen = run(name, Run(memory=memory, frames=frames))
    assert all_right(image, seen, frames)
    return frames * image.layout.frame_bytes / WORD_BYTES / seen.cycles


@pytest.mark.parametrize("latency", [5, 20, 60, 100])
def test_a_port_gives_a_word_in_nearly_every_cycle(latency: int) -> None:
    bound = min(1.0, 8 * BURST / (latency + BURST))
    assert 0.95 * bound < words_per_cycle("even", Memory(latency=latency)) <= 1.0


def test_few_bursts_under_way_give_what_the_latency_leaves() -> None:
    for latency in (20, 60):
        bound = 2 * BURST / (latency + BURST)
        assert 0.85 * bound < words_per_cycle("even", Memory(latency=latency, accepts=2)) <= bound


def test_one_stream_alone_gets_a_word_in_three_cycles() -> None:
    bus_words = ONE.layout.regions[0].bus_words
    assert 0.31 < words_per_cycle("one", Memory(latency=20)) * (bus_words - HEAD_WORDS) / bus_words <= 1 / 3


def test_a_zynq_gives_all_but_its_refresh() -> None:
    left = 1 - ZYNQ_HP.refresh / ZYNQ_HP.refresh_interval
    assert 0.95 * left < words_per_cycle("even", ZYNQ_HP) <= left


def test_nobody_starves() -> None:
    # every unit asks for more than its share; with six bursts between two of a unit's own none waits much longer than that
    seen = run("even", Run(memory=ZYNQ_HP, frames=8))
    assert max(seen.longest_wait) <= 6 * BURST + ZYNQ_HP.latency_limit + ZYNQ_HP.refresh
    # and units that take nothing for long do not hold up the others
    slow = run("two ports", replace(Run(memory=ZYNQ_HP, frames=3), interval=40))
    assert all_right(MIXED, slow, 3)


# --- what is written ---------------------------------------------------------------------------------------------------


def test_buffers_fill_one_block_memory() -> None:
    assert [depth_of(streams) for streams in (1, 2, 3, 6, 16, 17, 600)] == [1024, 512, 256, 128, 64, 32, 32]


@pytest.mark.parametrize("options", [{"depth": 24}, {"depth": 8}, {"outstanding": 0}])
def test_options_that_cannot_be_had_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UserError, match="power of two"):
        write_reader(ONE.layout, (8, 4), ReaderOptions(**options))


def test_an_image_of_half_the_addresses_is_refused() -> None:
    with pytest.raises(UserError, match="the weights take"):
        write_reader(replace(ONE.layout, size=1 << 32), (8, 4))
