# SPDX-License-Identifier: BSD-3-Clause
"""As much of the `pynq` package as the deployed driver uses, with a simulated board behind it.

The shell `zynq7` puts this folder on the path of `run.py` and names the board in `QU_SIMULATED_BOARD` (JSON:
binary, rtl, link, ps_clock_mhz). FCLK0 is the processing system's clock divided by a whole number, as on the board.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.shells.zynq7.simulated import SimulatedBus

BOARD = "QU_SIMULATED_BOARD"
_board: dict[str, Any] = json.loads(os.environ[BOARD])
#: Bitstreams that were loaded, in order.
downloaded: list[str] = []


class Bitstream:
    """Raises OSError where there is no such file, as pynq does."""

    def __init__(self, name: str) -> None:
        if not Path(name).is_file():
            raise OSError(f"Bitstream file {name} does not exist.")
        self._name = name

    def download(self) -> None:
        """The simulated board holds its design from the start; its identity register tells whose it is."""
        downloaded.append(self._name)


class _Clocks:
    def __init__(self) -> None:
        self._divider = 10

    @property
    def fclk0_mhz(self) -> float:
        return float(_board["ps_clock_mhz"]) / self._divider

    @fclk0_mhz.setter
    def fclk0_mhz(self, mhz: float) -> None:
        self._divider = round(float(_board["ps_clock_mhz"]) / mhz)


Clocks = _Clocks()


class _Words:
    """`MMIO.array` from the window on, one word in two addresses."""

    def __init__(self, bus: SimulatedBus, window: int) -> None:
        self._bus, self._window = bus, window

    def __getitem__(self, part: slice) -> Any:
        if part.step == 2:
            assert part.start == self._window // 4 and part.stop is None, part
            return self
        assert part.start is None and part.step is None, part
        return self._bus.read_window(part.stop)

    def __setitem__(self, part: slice, words: np.ndarray) -> None:
        assert (part.start, part.step, part.stop) == (None, None, len(words)), part
        self._bus.write_window(words)


class MMIO:
    def __init__(self, base: int, size: int) -> None:
        link = _board["link"]
        assert (base, size) == (link["base_address"], link["size"]), (base, size)
        self._bus = SimulatedBus(Path(_board["binary"]), Path(_board["rtl"]), link)
        self.array = _Words(self._bus, link["window"])

    def read(self, offset: int) -> int:
        return self._bus.read(offset)

    def write(self, offset: int, value: int) -> None:
        self._bus.write(offset, value)
