# SPDX-License-Identifier: BSD-3-Clause
"""The whole board in simulation, with streams that wait in its memory: exact frames, stops, and what goes wrong with them."""

from __future__ import annotations

import itertools

import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.simulate.board_memory import Faults, Memory
from tests.hw_flows.shells.zynq7.from_memory import FromMemory

#: Frames that are enough for words before the last unit to wait in memory.
FRAMES = 30


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    return FromMemory(tmp_path_factory.mktemp("streams"), ports=1, units=3, waiting=(1, 2))


@pytest.mark.parametrize(
    ("stalls", "memory"),
    [(0.0, Memory(latency=1)), (0.3, Memory(latency=80, jitter=20, bytes_per_cycle=3, stall=0.3, accepts=3))],
)
def test_frames_are_exact_however_slow_the_memory(design, stalls, memory):
    board = design.opened(design.bus(stalls, memory=memory))
    assert design.is_right(board, design.images(FRAMES))
    board.close()


def test_a_reset_empties_what_waits_and_the_next_frames_are_exact(design):
    bus = design.bus()
    board = design.opened(bus)
    for taken in (1, 12, 20):
        list(itertools.islice(design.given(board, design.images(FRAMES)), taken))
        board.reset()
        assert design.is_right(board, design.images(2, seed=taken))
    board.close()


def test_the_port_is_widened_in_both_directions(design):
    (port,) = design.shell.link["memory"]["writing_hp_ports"]
    registers = [0xF800_8000 + 0x1000 * port + place for place in (0, 0x14)]
    bus = design.bus()
    assert [bus.read_register(address) for address in registers] == [1, 1]
    board = design.opened(bus)
    assert [bus.read_register(address) for address in registers] == [0, 0]
    bus.write_register(registers[1], 1)
    images = design.images(FRAMES)
    results = list(design.given(board, images))
    assert any((a != b).any() for a, b in zip(results, design.expected(images), strict=True)), "words did wait there"
    board.close()


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (Faults(write_error=2), "while they were written"),
        (Faults(bus_error=(1, 1, 3)), "while they were read"),
        (Faults(wrong_last=(1, 1)), "bursts had the wrong length"),
    ],
    ids=["write", "read", "last"],
)
def test_a_fault_is_told_with_the_skip_connection(design, faults, told):
    board = design.opened(design.bus(faults=faults))
    with pytest.raises(BoardError, match=f"words of the skip connection StreamingFIFO_[12] .* are lost: .*{told}"):
        list(design.given(board, design.images(FRAMES)))
    board.close()
