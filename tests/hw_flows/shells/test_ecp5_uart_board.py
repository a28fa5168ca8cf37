# SPDX-License-Identifier: BSD-3-Clause
"""The simulated ULX3S with the real driver: frames, resets, other builds, damaged lines, boards that go away."""

from __future__ import annotations

import time

import numpy as np
import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.segmenter import Segmenter
from hw_flows.drivers.uart import ATTEMPTS, UartBoard
from hw_flows.drivers.usb_serial import open_board, open_port
from hw_flows.shells.ecp5_uart.simulated import compile_serial_board, running_board
from tests.hw_flows.shells.designs import BOARD, CLOCK_MHZ, described, echo, images

GRACE_SECONDS = 5.0  # busy test machines are slow; only boards that do not answer make the driver wait so long


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    accelerator, rtl = echo(folder)
    binary = compile_serial_board(accelerator, rtl, BOARD, CLOCK_MHZ, folder / "simulated")
    return described(accelerator, rtl, folder / "shell"), binary, rtl, folder


@pytest.fixture
def running(design):
    """Description, port and process of a board that has just been switched on."""
    description, binary, rtl, _ = design
    with running_board(binary, rtl) as (port, process):
        yield description, port, process


class FaultyPort:
    """A serial port that loses, inverts or invents bytes at given places of what goes through it."""

    def __init__(self, port, to_board=None, from_board=None):
        self._port, self._faults = port, {"to": dict(to_board or {}), "from": dict(from_board or {})}
        self._passed = {"to": 0, "from": 0}

    def _spoil(self, way, data):
        result = bytearray()
        for byte in data:
            fault = self._faults[way].pop(self._passed[way], None)
            self._passed[way] += 1
            result += bytes({None: [byte], "lost": [], "inverted": [byte ^ 0x24], "invented": [byte, 0x55]}[fault])
        return bytes(result)

    def write(self, data):
        return self._port.write(self._spoil("to", data))

    def read(self, size=1):
        return self._spoil("from", self._port.read(size))

    @property
    def in_waiting(self):
        return self._port.in_waiting

    def close(self):
        self._port.close()


def opened(running, **faults):
    description, port, _ = running
    serial = open_port(port, int(description.link["baud"]))
    return UartBoard(description, FaultyPort(serial, **faults), grace_seconds=GRACE_SECONDS)


def echoed(board, frames):
    return np.concatenate(list(Segmenter(board.description, board).integers(frames)))


def expected(frames):
    return np.moveaxis(frames, 1, -1).astype(np.int64)


def test_frames_come_back_in_order_and_whole(running):
    description, port, _ = running
    board = open_board(description, None, port, load=False, grace_seconds=GRACE_SECONDS)
    frames = images(12)
    assert np.array_equal(echoed(board, frames), expected(frames))
    status = board.status()
    assert (status.taken, status.answered, status.refused) == (12, 12, 0)
    logits = next(Segmenter(description, board).logits(frames[:1]))
    assert np.array_equal(
        logits, frames[0] * np.array([1, 2, 0.5])[:, None, None] + np.array([0, 0.5, -1])[:, None, None]
    )
    assert board.resent == 0


def test_a_reset_between_frames_forgets_those_under_way(running):
    board = opened(running)
    frames = images(6, seed=2)
    results = board.run(board.description.input.pack(expected(f[None])) for f in frames)
    next(results)  # more are under way
    board.reset()
    assert board.status().taken == 0
    assert np.array_equal(echoed(board, frames), expected(frames))


@pytest.mark.parametrize("fault", ["lost", "inverted", "invented"])
def test_a_wrong_byte_on_the_way_to_the_board_costs_one_frame(running, fault):
    opening = 2 * 8  # reset and query
    board = opened(running, to_board={opening + 2 * 60 + 30: fault})
    frames = images(8, seed=3)
    assert np.array_equal(echoed(board, frames), expected(frames))
    assert board.resent == 1
    assert board.status().refused == 1


@pytest.mark.parametrize("fault", ["lost", "inverted", "invented"])
def test_a_wrong_byte_on_the_way_back_costs_one_frame(running, fault):
    board = opened(running, from_board={8 + 23 + 2 * 56 + 20: fault})
    frames = images(8, seed=4)
    assert np.array_equal(echoed(board, frames), expected(frames))
    assert board.resent == 1


def test_many_faults_only_cost_time(running):
    faults = {60 + 391 * i: ("lost", "inverted", "invented")[i % 3] for i in range(9)}
    board = opened(running, to_board=faults, from_board={k + 190: v for k, v in faults.items()})
    frames = images(50, seed=5)
    assert np.array_equal(echoed(board, frames), expected(frames))
    assert 9 <= board.resent <= 4 * 9


def test_another_build_is_noticed(design):
    description, binary, rtl, folder = design
    accelerator, _ = echo(folder / "again")
    other = described(accelerator, rtl, folder / "other", identity="0123456789abcdef")
    with running_board(binary, rtl) as (port, _), pytest.raises(BoardError) as caught:
        open_board(other, folder, port, load=False, grace_seconds=GRACE_SECONDS)
    assert f"answers {description.identity}, expected 0123456789abcdef" in caught.value.what
    assert "bitfile/echo.bit" in caught.value.fix


def test_a_silent_board_is_given_up(running):
    description, port, process = running
    process.send_signal(19)  # SIGSTOP: it is there but does nothing
    started = time.monotonic()
    try:
        with pytest.raises(BoardError, match="does not answer"):
            open_board(description, None, port, load=False, grace_seconds=0.2)
    finally:
        process.send_signal(18)
    assert time.monotonic() - started < 30 * ATTEMPTS * 0.2


def test_a_board_that_falls_silent_between_frames_is_given_up(running):
    description, port, process = running
    board = UartBoard(description, open_port(port, int(description.link["baud"])), grace_seconds=GRACE_SECONDS)
    frames = images(4)
    results = Segmenter(description, board).integers(iter(frames))
    next(results)
    board._patience = 0.2
    process.send_signal(19)
    try:
        with pytest.raises(BoardError, match="got no result, 4 times in a row"):
            list(results)
    finally:
        process.send_signal(18)


def test_an_unplugged_board_is_told(running):
    description, port, process = running
    board = open_board(description, None, port, load=False, grace_seconds=GRACE_SECONDS)
    process.kill()
    process.wait()
    with pytest.raises(BoardError, match="connection to the board is lost"):
        echoed(board, images(1))


def test_a_port_that_does_not_exist_is_told(design, tmp_path):
    with pytest.raises(BoardError, match="cannot be opened"):
        open_board(design[0], tmp_path, str(tmp_path / "ttyUSB7"), load=False)


def test_images_of_another_size_are_refused(running):
    board = opened(running)
    with pytest.raises(BoardError, match=r"shape \(3, 5, 6\), the network takes \(3, 4, 6\)"):
        list(Segmenter(board.description, board).integers([np.zeros((3, 5, 6), np.float32)]))
