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
from tests.hw_flows.shells.zynq7.simulated import Simulated


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return Simulated(tmp_path_factory.mktemp("zynq7"), (1, 5, 5, 1), 3, 1)


@pytest.fixture
def pynq(simulated, monkeypatch, tmp_path):
    """The stand-in, as the driver will import it; `loop.bit` lies in `tmp_path`."""
    (tmp_path / "loop.bit").write_bytes(b"bits")
    board = {
        "binary": str(simulated.binary),
        "rtl": str(simulated.rtl),
        "link": simulated.shell.link,
        "ps_clock_mhz": 1000,
    }
    monkeypatch.setenv("QU_SIMULATED_BOARD", json.dumps(board))
    monkeypatch.syspath_prepend(PYNQ_STAND_IN)
    monkeypatch.delitem(sys.modules, "pynq", raising=False)
    yield import_module("pynq")
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
