# SPDX-License-Identifier: BSD-3-Clause
"""The PYNQ driver with the stand-in for the `pynq` package, whose programmable logic is the simulated board."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import import_module

import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.pynq import open_board
from hw_flows.shells.zynq7 import PYNQ_STAND_IN
from tests.hw_flows.shells.zynq7.from_memory import FromMemory
from tests.hw_flows.shells.zynq7.simulated import Simulated


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return Simulated(tmp_path_factory.mktemp("zynq7"), (1, 5, 5, 1), 3, 1)


@pytest.fixture(scope="module")
def from_memory(tmp_path_factory):
    return FromMemory(tmp_path_factory.mktemp("memory"))


def stand_in(simulated, monkeypatch, faults=None):
    """The stand-in, as the driver will import it."""
    board = {
        "binary": str(simulated.binary),
        "rtl": str(simulated.rtl),
        "link": simulated.shell.link,
        "ps_clock_mhz": 1000,
    }
    monkeypatch.setenv("QU_SIMULATED_BOARD", json.dumps(board))
    monkeypatch.setenv("QU_SIMULATED_FAULTS", json.dumps(faults or {}))
    monkeypatch.syspath_prepend(PYNQ_STAND_IN)
    monkeypatch.delitem(sys.modules, "pynq", raising=False)
    return import_module("pynq")


@pytest.fixture
def pynq(simulated, monkeypatch, tmp_path):
    """`loop.bit` lies in `tmp_path`."""
    (tmp_path / "loop.bit").write_bytes(b"bits")
    yield stand_in(simulated, monkeypatch)
    sys.modules.pop("pynq", None)


def test_a_board_is_loaded_clocked_and_run(simulated, pynq, tmp_path):
    board = open_board(simulated.description, tmp_path)
    assert pynq.downloaded == [str(tmp_path / "loop.bit")]
    assert pynq.Clocks.fclk0_mhz == simulated.description.clock_mhz
    assert simulated.runs(board, simulated.frames(5))
    board.close()


def test_no_load_leaves_the_bitstream_alone(simulated, pynq, tmp_path):
    open_board(simulated.description, tmp_path, load=False).close()
    assert pynq.downloaded == []


def test_without_pynq_the_driver_says_where_to_run_it(simulated, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pynq", None)
    with pytest.raises(BoardError, match="pynq is missing") as error:
        open_board(simulated.description, tmp_path)
    assert "on the board" in error.value.fix


def test_a_bitstream_that_does_not_load_and_a_clock_too_fast_are_told(simulated, pynq, tmp_path):
    with pytest.raises(BoardError, match="was not loaded: .* does not exist"):
        open_board(replace(simulated.description, bitstream="loop.txt"), tmp_path)
    with pytest.raises(BoardError, match="became 166.667 MHz, the design is for 160 MHz"):
        open_board(replace(simulated.description, clock_mhz=160.0), tmp_path)
    with pytest.raises(BoardError, match="no serial port"):
        open_board(simulated.description, tmp_path, port="/dev/ttyUSB0")


# --- weights in memory ------------------------------------------------------------------------------------------------


def test_weights_are_placed_read_and_given_back(from_memory, monkeypatch):
    pynq = stand_in(from_memory, monkeypatch)
    board = open_board(from_memory.description, from_memory.folder, load=False)
    (address,) = pynq.allocated
    assert address % 128 == 0
    assert from_memory.is_right(board, from_memory.images(3))
    board.close()
    assert pynq.allocated == []
    board = open_board(from_memory.description, from_memory.folder, load=False)
    assert from_memory.is_right(board, from_memory.images(3))
    board.close()


def test_weights_begin_on_a_burst_wherever_the_memory_is(from_memory, monkeypatch):
    pynq = stand_in(from_memory, monkeypatch)
    allocate = pynq.allocate

    def elsewhere(shape, dtype):
        buffer = allocate(shape, dtype)
        pynq.allocated[:] = [buffer.device_address + 40]
        buffer.device_address += 40
        return buffer

    monkeypatch.setattr(pynq, "allocate", elsewhere)
    board = open_board(from_memory.description, from_memory.folder, load=False)
    assert from_memory.is_right(board, from_memory.images(2))
    board.close()
    assert pynq.allocated == []


def test_weights_that_were_not_flushed_are_noticed(from_memory, monkeypatch):
    pynq = stand_in(from_memory, monkeypatch)
    monkeypatch.setattr(pynq.PynqBuffer, "flush", lambda self: None)
    board = open_board(from_memory.description, from_memory.folder, load=False)
    with pytest.raises(BoardError, match="answered with an error while the weights of layer"):
        list(from_memory.given(board, from_memory.images(1)))
    board.close()


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({"bus_error": [0, 4, 1]}, "answered with an error while the weights of layer conv0"),
        ({"flipped_bit": 8 * 8 * 5}, "the weights of layer conv0 in memory are damaged"),
        ({"flipped_bit": 8 * 6}, "where the weights of layer conv0 should be in memory there is something else"),
    ],
)
def test_faults_of_the_memory_are_told_and_it_is_given_back(from_memory, monkeypatch, faults, told):
    pynq = stand_in(from_memory, monkeypatch, faults)
    board = open_board(from_memory.description, from_memory.folder, load=False)
    with pytest.raises(BoardError, match=f"a frame cannot be finished: .*{told}"):
        list(from_memory.given(board, from_memory.images(3)))
    board.close()
    assert pynq.allocated == []


def test_what_keeps_weights_from_their_place_is_told(from_memory, monkeypatch):
    pynq = stand_in(from_memory, monkeypatch, {"afi_stuck": True})
    with pytest.raises(BoardError, match="S_AXI_HP0 of the processing system stays 32 bits wide"):
        open_board(from_memory.description, from_memory.folder, load=False)
    assert pynq.allocated == []

    pynq = stand_in(from_memory, monkeypatch)

    def full(shape, dtype):
        raise RuntimeError("Allocate failed: 4294967295")

    with monkeypatch.context() as during:
        during.setattr(pynq, "allocate", full)
        with pytest.raises(BoardError, match="no piece of .* bytes of memory for weights and streams: Allocate failed"):
            open_board(from_memory.description, from_memory.folder, load=False)
    register = pynq.MMIO

    def no_root(base, size):
        if base >= 0xF800_0000:
            raise OSError("Root permissions required.")
        return register(base, size)

    monkeypatch.setattr(pynq, "MMIO", no_root)
    with pytest.raises(BoardError, match="out of reach: Root permissions required"):
        open_board(from_memory.description, from_memory.folder, load=False)
