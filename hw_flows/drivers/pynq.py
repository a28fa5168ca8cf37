# SPDX-License-Identifier: BSD-3-Clause
"""PYNQ-Z2 and PYNQ-Z1: the accelerator on the processor's own bus, with the `pynq` package of the board's SD card image.

`Bitstream`, `Clocks`, `MMIO` and, for weights in memory, `allocate` of pynq are enough; no .hwh file, no Overlay. Run as root, as
pynq needs it.
"""

from __future__ import annotations

import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from .description import AcceleratorDescription
from .errors import BoardError
from .mmio import GRACE_SECONDS, MmioBoard
from .weights import PlacedWeights, Weights, read_weights, stream_bytes, widen_ports

#: FCLK0 may differ by so much from the wanted clock: it comes from integer dividers.
CLOCK_TOLERANCE = 0.01
PAUSE_SECONDS = 20e-6
#: What is mapped of a register in the processing system.
REGISTER_BYTES = 4


def open_board(
    description: AcceleratorDescription,
    folder: Path,
    port: str | None = None,
    load: bool = True,
    grace_seconds: float = GRACE_SECONDS,
) -> MmioBoard:
    """Load the bitstream of `folder` (unless `load` is false), set the clock, bring weights into memory where the accelerator
    reads them there, and open it.

    `load` = false is only safe where a bitstream of this project is loaded: without an answer from the programmable logic a
    read stops the processor. Raises BoardError where pynq is missing, another build answers, or weights are damaged.
    """
    if port is not None:
        raise BoardError("this board has no serial port to the accelerator", "leave --port out")
    pynq = _pynq()
    weights = read_weights(folder, description.weights) if description.weights else None
    if load:
        bitstream = folder / description.bitstream
        try:
            pynq.Bitstream(str(bitstream.resolve())).download()
        except (OSError, RuntimeError, ValueError) as error:
            raise BoardError(
                f"the bitstream {bitstream} was not loaded: {error}", "run as root, on the board itself"
            ) from error
    set_clock(pynq, description.clock_mhz)
    link = description.link
    bus = PynqBus(pynq, link["base_address"], link["size"], link["window"])
    return MmioBoard(description, bus, grace_seconds, weights, partial(place_weights, pynq, link))


def set_clock(pynq: Any, clock_mhz: float) -> None:
    """Set FCLK0. Raises BoardError where the board makes another frequency of it."""
    pynq.Clocks.fclk0_mhz = clock_mhz
    set_to = float(pynq.Clocks.fclk0_mhz)
    if set_to > clock_mhz * (1 + CLOCK_TOLERANCE):
        raise BoardError(
            f"the clock of the programmable logic became {set_to:g} MHz, the design is for {clock_mhz:g} MHz",
            "build with another --clock-mhz",
        )


def place_weights(pynq: Any, link: dict[str, Any], weights: Weights) -> PlacedWeights:
    """Weights in a piece of memory without gaps, with room for streams behind them, which the ports have 64 bits to.

    Raises BoardError where a port stays at 32 bits, or there is no such memory left.
    """
    registers: dict[int, Any] = {}

    def register(address: int) -> Any:
        if address not in registers:
            registers[address] = pynq.MMIO(address, REGISTER_BYTES)
        return registers[address]

    try:
        widen_ports(link, lambda a: int(register(a).read(0)), lambda a, value: register(a).write(0, value))
    except (OSError, RuntimeError) as error:
        raise BoardError(f"the registers of the HP ports are out of reach: {error}", "run as root") from error
    size, alignment = len(weights.data), int(link["memory"]["alignment"])
    all_bytes = size + stream_bytes(link)
    try:
        buffer = pynq.allocate(shape=(all_bytes + alignment,), dtype=np.uint8)
    except (OSError, RuntimeError, MemoryError) as error:
        raise BoardError(
            f"there is no piece of {all_bytes:,} bytes of memory for weights and streams: {error}",
            "leave --no-load out; end other programs that hold such memory, or give Linux more of it (cma=)",
        ) from error
    start = -int(buffer.device_address) % alignment
    buffer[start : start + size] = np.frombuffer(weights.data, np.uint8)
    # The HP ports pass the processor's caches, and nothing of them may be written back over streams that wait there.
    buffer.flush()
    return PlacedWeights(int(buffer.device_address) + start, buffer.freebuffer)


class PynqBus:
    """The shell through pynq's MMIO."""

    def __init__(self, pynq: Any, base: int, size: int, window: int) -> None:
        self._mmio = pynq.MMIO(base, size)
        # One word in two addresses: numpy copies a strided array word by word. A contiguous one goes through the C library,
        # which may read or write a word twice or in parts, and every access takes a word of a FIFO.
        self._window = self._mmio.array[window // 4 :: 2]

    def read(self, offset: int) -> int:
        return int(self._mmio.read(offset))

    def write(self, offset: int, value: int) -> None:
        self._mmio.write(offset, value)

    def read_window(self, count: int) -> np.ndarray:
        return np.array(self._window[:count], dtype=np.uint32)

    def write_window(self, words: np.ndarray) -> None:
        self._window[: len(words)] = words

    def pause(self) -> None:
        time.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        """Nothing is held that would have to be given back."""


def _pynq() -> Any:
    try:
        return import_module("pynq")
    except ImportError as error:
        raise BoardError(
            "the Python package pynq is missing",
            "run this on the board, with its own Python (pynq.io, release 3.0 or newer)",
        ) from error
