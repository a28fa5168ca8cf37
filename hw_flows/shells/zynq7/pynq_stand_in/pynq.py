# SPDX-License-Identifier: BSD-3-Clause
"""As much of the `pynq` package as the deployed driver uses, with a simulated board behind it.

The shell `zynq7` puts this folder on the path of `run.py` and names the board in `QU_SIMULATED_BOARD` (JSON:
binary, rtl, link, ps_clock_mhz). FCLK0 is the processing system's clock divided by a whole number, as on the board. What is
allocated reaches the memory that the programmable logic reads when it is flushed; what is given back is overwritten.

`QU_SIMULATED_FAULTS` (JSON) makes the board a faulty one: {bus_error: [port, burst, beat], write_error: burst, afi_stuck: true,
flipped_bit: number of a bit of what is flushed}.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.shells.zynq7.simulated import DRAM_BASE, SimulatedBus
from hw_flows.simulate.board_memory import Faults

BOARD, FAULTS = "QU_SIMULATED_BOARD", "QU_SIMULATED_FAULTS"
_board: dict[str, Any] = json.loads(os.environ[BOARD])
_faults: dict[str, Any] = json.loads(os.environ.get(FAULTS, "{}"))
#: Bitstreams that were loaded, in order.
downloaded: list[str] = []
#: Addresses of what was allocated and not given back.
allocated: list[int] = []
#: Pieces of memory begin on pages, at an address that the hardware has to be told.
_PAGE, _FIRST_PAGE = 4096, 3


@cache
def _bus() -> SimulatedBus:
    error = _faults.get("bus_error")
    return SimulatedBus(
        Path(_board["binary"]),
        Path(_board["rtl"]),
        _board["link"],
        faults=Faults(None if error is None else tuple(error), write_error=_faults.get("write_error")),
        afi_stuck=bool(_faults.get("afi_stuck")),
    )


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
    """The shell's registers and window, or a register of the processing system."""

    def __init__(self, base: int, size: int) -> None:
        self._bus, link = _bus(), _board["link"]
        self._register = None if base == link["base_address"] else base
        if self._register is None:
            assert size == link["size"], size
            self.array = _Words(self._bus, link["window"])

    def read(self, offset: int) -> int:
        return self._bus.read(offset) if self._register is None else self._bus.read_register(self._register + offset)

    def write(self, offset: int, value: int) -> None:
        if self._register is None:
            self._bus.write(offset, value)
        else:
            self._bus.write_register(self._register + offset, value)


class PynqBuffer(np.ndarray):
    """The processor's view of a piece of memory."""

    device_address: int

    def flush(self) -> None:
        data = bytearray(self.tobytes())
        if "flipped_bit" in _faults:
            bit = int(_faults["flipped_bit"])
            data[bit // 8] ^= 1 << bit % 8
        _bus().place(self.device_address, bytes(data))

    def freebuffer(self) -> None:
        allocated.remove(self.device_address)
        _bus().place(self.device_address, b"\xa5" * self.nbytes)


def allocate(shape: tuple[int, ...], dtype: Any) -> PynqBuffer:
    buffer = np.zeros(shape, dtype).view(PynqBuffer)
    buffer.device_address = DRAM_BASE + _FIRST_PAGE * _PAGE
    allocated.append(buffer.device_address)
    return buffer
