# SPDX-License-Identifier: BSD-3-Clause
"""The whole board in simulation, driven by the driver that people run: frames, resets, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.shells.zynq7.simulated import BusError
from tests.hw_flows.shells.zynq7.simulated import Simulated

FIXED, INCR, WRAP = 0, 1, 2


#: 25 words of 8 bits: a frame does not end with a bus word. 15 words of 45 bits: two bus words each.
SLOTS = {"four to a bus word": ((1, 5, 5, 1), 3, 1), "two bus words": ((1, 3, 5, 5), 9, 5)}


@pytest.fixture(scope="module", params=SLOTS, ids=SLOTS.keys())
def simulated(request, tmp_path_factory):
    return Simulated(tmp_path_factory.mktemp("zynq7"), *SLOTS[request.param])


def test_frames_come_back_whatever_stalls(simulated):
    for stalls in (0.0, 0.5):
        board = MmioBoard(simulated.description, simulated.bus(stalls))
        assert simulated.runs(board, simulated.frames(60))
        board.close()


def test_a_reset_forgets_what_was_under_way(simulated):
    bus = simulated.bus()
    board = MmioBoard(simulated.description, bus)
    bus.write_window(np.arange(1, 4, dtype=np.uint32))  # part of a frame
    board.reset()
    assert simulated.runs(board, simulated.frames(3))
    bus.hardware_reset()
    assert simulated.runs(board, simulated.frames(3))
    board.close()


def test_another_build_is_refused(simulated):
    other = replace(simulated.description, identity="0123456789abcdef")
    with pytest.raises(BoardError, match=f"answers {simulated.description.identity}"):
        MmioBoard(other, simulated.bus())
    elsewhere = {**simulated.shell.link, "registers": {**simulated.shell.link["registers"], "MAGIC": 0x10}}
    with pytest.raises(BoardError, match="no accelerator of this project"):
        MmioBoard(replace(simulated.description, link=elsewhere), simulated.bus())


def test_an_accelerator_that_stands_still_ends_in_an_error(simulated):
    more = replace(simulated.format, shape=(2, *simulated.format.shape[1:]))  # twice the words that will ever come
    board = MmioBoard(replace(simulated.description, output=more), simulated.bus(), grace_seconds=0.05)
    with pytest.raises(BoardError, match="the accelerator hangs"):
        list(board.run([simulated.format.pack(simulated.frames(1)[0])]))
    board.reset()
    board.close()


# --- the bus itself -------------------------------------------------------------------------------------------------


@pytest.fixture
def bus(simulated):
    opened = simulated.bus()
    yield opened
    opened.close()


def test_bursts_of_every_kind_read_registers(bus, simulated):
    registers = simulated.shell.link["registers"]
    identity = [registers["IDENTITY_HIGH"], registers["IDENTITY_LOW"]]
    one_by_one = [bus.read(offset) for offset in identity]
    assert list(bus.burst_read(identity[0], 2)) == one_by_one
    assert list(bus.burst_read(identity[1], 2, burst=WRAP)) == one_by_one[::-1]
    assert list(bus.burst_read(identity[0], 3, burst=FIXED)) == one_by_one[:1] * 3


def test_what_is_not_there_is_refused_and_harms_nothing(bus, simulated):
    registers = simulated.shell.link["registers"]
    reset = 1 << simulated.shell.link["bits"]["CONTROL_RESET"]
    for wrong in (
        lambda: bus.read(0x100),
        lambda: bus.write(0x100, 1),
        lambda: bus.write(registers["MAGIC"], 1),
        lambda: bus.burst_write(registers["CONTROL"], [reset], strobe=0b0011),
        lambda: bus.burst_read(registers["MAGIC"], 1, size=0),
    ):
        with pytest.raises(BusError):
            wrong()
    assert bus.read(registers["CONTROL"]) == 0
    assert bus.read(registers["MAGIC"]) == simulated.shell.link["magic"]


def test_an_empty_fifo_answers_and_a_full_one_too(bus, simulated):
    link = simulated.shell.link
    registers, bits = link["registers"], link["bits"]
    assert bus.read(registers["STATE"]) == 0
    assert bus.read(link["window"]) == 0
    assert bus.read(registers["STATE"]) == 1 << bits["STATE_STARVED"]
    words = np.arange(link["fifo_depth"], dtype=np.uint32)
    for _ in range(4):  # more than both FIFOs and the accelerator hold, and nobody reads
        bus.write_window(words)
    assert bus.read(registers["INPUT_FREE"]) == 0
    assert bus.read(registers["STATE"]) >> bits["STATE_DROPPED"] & 1
    bus.write(registers["CONTROL"], 1 << bits["CONTROL_RESET"])
    bus.write(registers["CONTROL"], 0)
    assert bus.read(registers["STATE"]) == 0
    assert bus.read(registers["INPUT_FREE"]) == link["fifo_depth"]
