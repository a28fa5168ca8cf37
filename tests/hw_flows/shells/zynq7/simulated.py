# SPDX-License-Identifier: BSD-3-Clause
"""A simulated Zynq-7000 board with the loop-back accelerator inside."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hw_flows.boards import load_board
from hw_flows.drivers.description import AcceleratorDescription, Quantizer, StreamFormat
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.shells.zynq7 import write_shell
from hw_flows.shells.zynq7.simulated import SimulatedBus, compile_zynq7_board
from tests.hw_flows.shells.loopback import loopback


class Simulated:
    """A compiled board and its description."""

    def __init__(self, folder: Path, shape: tuple[int, ...], bits: int, lanes: int) -> None:
        self.rtl = folder / "rtl"
        self.accelerator = loopback(self.rtl, shape, bits, lanes)
        self.shell, identity = write_shell(self.accelerator, self.rtl, load_board("pynq-z2"), 100.0, folder / "shell")
        self.binary = compile_zynq7_board(self.shell, self.rtl)
        self.format = StreamFormat(shape, bits, False, lanes)
        self.description = AcceleratorDescription(
            "loop",
            "pynq-z2",
            "loop.bit",
            identity,
            self.shell.clock_mhz,
            0.1,
            self.format,
            self.format,
            Quantizer(((0.5,),), 0, 1),
            (1.0,),
            (0.0,),
            self.shell.link,
        )

    def bus(self, stalls: float = 0.3) -> SimulatedBus:
        return SimulatedBus(self.binary, self.rtl, self.shell.link, stalls=stalls)

    def frames(self, count: int) -> list[np.ndarray]:
        random = np.random.default_rng(7)
        return [random.integers(0, 1 << self.format.bits, self.format.shape) for _ in range(count)]

    def runs(self, board: MmioBoard, frames: list[np.ndarray]) -> bool:
        """Whether the board gives back what went in."""
        results = [self.format.unpack(data) for data in board.run(self.format.pack(frame) for frame in frames)]
        return len(results) == len(frames) and all(map(np.array_equal, results, frames))
