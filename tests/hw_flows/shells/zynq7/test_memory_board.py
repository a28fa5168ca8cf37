# SPDX-License-Identifier: BSD-3-Clause
"""The whole board in simulation, with weights in its memory: exact frames, stops, and what goes wrong with the memory."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.drivers.weights import PlacedWeights
from hw_flows.shells.zynq7.simulated import DRAM_BASE, BusError
from hw_flows.simulate.board_memory import Faults, Memory
from tests.hw_flows.shells.zynq7.from_memory import FromMemory


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    return FromMemory(tmp_path_factory.mktemp("memory"))


@pytest.mark.parametrize(
    ("stalls", "memory"),
    [(0.0, Memory(latency=1)), (0.3, Memory(latency=80, jitter=20, bytes_per_cycle=3, stall=0.3, accepts=3))],
)
def test_frames_are_exact_however_slow_the_memory(design, stalls, memory):
    board = design.opened(design.bus(stalls, memory=memory))
    assert design.is_right(board, design.images(9))
    board.close()


def test_a_reset_while_weights_are_read_leaves_no_burst_and_the_next_frames_are_exact(design):
    bus = design.bus()
    board = design.opened(bus)
    for taken in (0, 1, 3):
        list(itertools.islice(design.given(board, design.images(8)), taken))
        assert design.status(bus, "WEIGHTS_RUNNING") == 1
        board.reset()
        assert design.is_right(board, design.images(2, seed=taken))
    board.close()


def test_memory_is_given_back_once_nothing_reads_it(design, monkeypatch):
    bus = design.bus()
    end, seen = bus.close, []
    monkeypatch.setattr(bus, "close", lambda: None)

    def place(weights):
        bus.place_weights(weights)
        return PlacedWeights(DRAM_BASE, lambda: seen.append((running(), idle())))

    def running():
        return design.status(bus, "WEIGHTS_RUNNING")

    def idle():
        return design.status(bus, "WEIGHTS_IDLE")

    board = MmioBoard(design.description, bus, 10.0, design.weights, place)
    next(design.given(board, design.images(2)))
    assert (running(), idle()) == (1, 0)
    board.close()
    assert seen == [(0, 1)]
    with pytest.raises(BoardError, match="what reads the weights does not start"):  # a bit that is never set
        link = {**design.shell.link, "bits": {**design.shell.link["bits"], "WEIGHTS_RUNNING": 3}}
        MmioBoard(replace(design.description, link=link), bus, 0.05, design.weights, place)
    assert seen[1:] == [(0, 1)], "also where opening fails"
    end()


def test_hp_ports_that_a_boot_image_left_at_32_bits_are_widened_or_told(design):
    afi = [0xF800_8000, 0xF800_A000]  # of S_AXI_HP0 and S_AXI_HP2
    bus = design.bus()
    assert [bus.read_register(address) for address in afi] == [1, 1]
    board = design.opened(bus)
    assert [bus.read_register(address) for address in afi] == [0, 0]
    assert bus.read_register(0xF800_9000) == 1, "a port that is not used stays as it is"
    bus.write_register(afi[1], 1)
    board.reset()
    with pytest.raises(
        BoardError, match="layer conv1 should be in memory there is something else|layer conv1 .*damaged"
    ):
        list(design.given(board, design.images(1)))
    board.close()
    with pytest.raises(BoardError, match="S_AXI_HP0 of the processing system stays 32 bits wide"):
        design.opened(design.bus(afi_stuck=True))
    other = design.bus()
    with pytest.raises(BusError):
        other.read_register(0xF800_8004)
    other.close()


@pytest.mark.parametrize("region", [0, 1])
def test_a_bit_that_flips_in_memory_is_told_with_its_layer(design, region):
    bus = design.bus()
    board = design.opened(bus)
    assert design.is_right(board, design.images(1))
    damaged = bytearray(design.weights.data)
    layout = design.stitched.system.layout.regions[region]
    damaged[layout.offset + 8 * 7 + 2] ^= 4
    board.reset()
    board._stop()
    bus.place(DRAM_BASE, bytes(damaged))
    board._start()
    with pytest.raises(
        BoardError, match=f"weights of layer {layout.name} in memory are damaged: their check sum is wrong"
    ):
        list(design.given(board, design.images(2)))
    board.close()


def test_a_bus_error_and_a_burst_of_the_wrong_length_are_told(design):
    board = design.opened(design.bus(faults=Faults(bus_error=(1, 3, 5))))
    with pytest.raises(BoardError, match="answered with an error while the weights of layer conv1"):
        list(design.given(board, design.images(3)))
    board.close()
    board = design.opened(design.bus(faults=Faults(wrong_last=(0, 2))))
    with pytest.raises(BoardError, match="wrong length while the weights of layer conv0"):
        list(design.given(board, design.images(3)))
    board.close()


def test_registers_of_the_weights_are_there_and_the_base_is_aligned(design):
    bus, registers = design.bus(), design.shell.link["registers"]
    bus.write(registers["WEIGHTS_BASE"], 0x1234_5678)
    assert bus.read(registers["WEIGHTS_BASE"]) == 0x1234_5600
    run, reset = (1 << design.shell.link["bits"][f"CONTROL_{name}"] for name in ("RUN", "RESET"))
    bus.write(registers["CONTROL"], run | reset)
    assert bus.read(registers["CONTROL"]) == run | reset
    assert design.status(bus, "WEIGHTS_RUNNING") == 0, "a reset stops what reads weights"
    with pytest.raises(BusError):
        bus.write(registers["WEIGHTS_STATUS"], 0)
    bus.close()
