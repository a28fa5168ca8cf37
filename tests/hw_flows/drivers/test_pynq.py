"""The PYNQ driver with a made-up `pynq` package whose programmable logic is the simulated board."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.pynq import open_board
from tests.hw_flows.shells.zynq7.simulated import Simulated


class Window:
    """The array of pynq's MMIO from the window on, one word in two addresses."""

    def __init__(self, bus) -> None:
        self.bus = bus

    def __getitem__(self, part: slice) -> np.ndarray:
        if part.step == 2:
            assert part.start == self.bus._window // 4 and part.stop is None
            return self
        return self.bus.read_window(part.stop)

    def __setitem__(self, part: slice, words: np.ndarray) -> None:
        self.bus.write_window(words)


class FakePynq:
    """As much of pynq as the driver uses; FCLK0 is 1000 MHz divided by a whole number."""

    def __init__(self, simulated: Simulated, monkeypatch) -> None:
        self.loaded: list[str] = []
        pynq = self

        class Bitstream:
            def __init__(self, name: str) -> None:
                self.name = name

            def download(self) -> None:
                if not self.name.endswith(".bit"):
                    raise OSError("no bitstream")
                pynq.loaded.append(self.name)

        class Clocks:
            def __init__(self) -> None:
                self.divider = 10

            @property
            def fclk0_mhz(self) -> float:
                return 1000 / self.divider

            @fclk0_mhz.setter
            def fclk0_mhz(self, mhz: float) -> None:
                self.divider = round(1000 / mhz)

        def mmio(base: int, size: int):
            bus = simulated.bus()
            assert (base, size) == (0x4000_0000, 0x4000)
            return SimpleNamespace(read=bus.read, write=bus.write, array=Window(bus))

        self.Bitstream, self.Clocks, self.MMIO = Bitstream, Clocks(), mmio
        monkeypatch.setitem(sys.modules, "pynq", self)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return Simulated(tmp_path_factory.mktemp("zynq7"), (1, 5, 5, 1), 3, 1)


def test_a_board_is_loaded_clocked_and_run(simulated, monkeypatch, tmp_path):
    pynq = FakePynq(simulated, monkeypatch)
    board = open_board(simulated.description, tmp_path)
    assert pynq.loaded == [str(tmp_path / "loop.bit")]
    assert pynq.Clocks.fclk0_mhz == simulated.description.clock_mhz
    assert simulated.runs(board, simulated.frames(5))
    board.close()


def test_no_load_leaves_the_bitstream_alone(simulated, monkeypatch, tmp_path):
    pynq = FakePynq(simulated, monkeypatch)
    open_board(simulated.description, tmp_path, load=False)
    assert pynq.loaded == []


def test_without_pynq_the_driver_says_where_to_run_it(simulated, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pynq", None)
    with pytest.raises(BoardError, match="pynq is missing") as error:
        open_board(simulated.description, tmp_path)
    assert "on the board" in error.value.fix


def test_a_bitstream_that_does_not_load_and_a_clock_too_fast_are_told(simulated, monkeypatch, tmp_path):
    from dataclasses import replace

    FakePynq(simulated, monkeypatch)
    with pytest.raises(BoardError, match="was not loaded: no bitstream"):
        open_board(replace(simulated.description, bitstream="loop.txt"), tmp_path)
    with pytest.raises(BoardError, match="became 166.667 MHz, the design is for 160 MHz"):
        open_board(replace(simulated.description, clock_mhz=160.0), tmp_path)
    with pytest.raises(BoardError, match="no serial port"):
        open_board(simulated.description, tmp_path, port="/dev/ttyUSB0")
