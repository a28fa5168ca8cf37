# SPDX-License-Identifier: BSD-3-Clause
"""A simulated Zynq-7000 board with a row of units whose weights lie in its memory; at first two, each with a port of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.boards import load_board
from hw_flows.deploy.host_side import stream_format
from hw_flows.deploy.write import weight_files
from hw_flows.drivers.description import AcceleratorDescription, Quantizer
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.drivers.weights import Weights, read_weights
from hw_flows.network.execute import execute_dataflow
from hw_flows.shells.zynq7 import write_shell
from hw_flows.shells.zynq7.simulated import SimulatedBus, compile_zynq7_board
from tests.hw_flows.memory_system.systems import CHANNELS, SIZE, row_of_units, stitch, waiting_in_memory

GRACE_SECONDS = 60.0  # nothing here waits for so long


class FromMemory:
    """The board and its description; `folder` has `rtl/`, `weights/` and `shell/`. `waiting`: FIFOs in memory, before the last unit,
    which then is slower."""

    def __init__(self, folder: Path, ports: int = 2, units: int = 2, waiting: tuple[int, ...] = ()) -> None:
        self.folder = folder
        model = row_of_units(units, slow=units - 1 if waiting else None)
        self.stitched = stitch(waiting_in_memory(model, *waiting), folder, ports)
        self.accelerator, self.rtl = self.stitched.accelerator, self.stitched.rtl
        board = load_board("pynq-z2")
        self.shell, identity = write_shell(self.accelerator, self.rtl, board, 100.0, folder / "shell")
        self.description = AcceleratorDescription(
            name="row",
            board=board.title,
            bitstream="bitfile/row.bit",
            identity=identity,
            clock_mhz=100.0,
            frame_ms=0.1,
            input=stream_format(self.accelerator.stream(self.accelerator.inputs[0])),
            output=stream_format(self.accelerator.stream(self.accelerator.outputs[0])),
            quantizer=Quantizer((tuple(np.arange(15) + 0.5),), 0, 1),  # whole numbers from 0 to 15 to themselves
            scale=(1.0,) * CHANNELS,
            bias=(0.0,) * CHANNELS,
            link=self.shell.link,
            weights=weight_files(self.stitched.system),
        )

    @cached_property
    def binary(self) -> Path:
        return compile_zynq7_board(self.shell, self.rtl)

    @cached_property
    def weights(self) -> Weights:
        assert self.description.weights is not None
        return read_weights(self.folder, self.description.weights)

    def bus(self, stalls: float = 0.3, **more: Any) -> SimulatedBus:
        return SimulatedBus(self.binary, self.rtl, self.shell.link, stalls=stalls, **more)

    def opened(self, bus: SimulatedBus) -> MmioBoard:
        return MmioBoard(self.description, bus, GRACE_SECONDS, self.weights, bus.place_weights)

    def status(self, bus: SimulatedBus, bit: str) -> int:
        """A bit of what the reader of weights says."""
        link = self.shell.link
        return bus.read(link["registers"]["WEIGHTS_STATUS"]) >> link["bits"][bit] & 1

    def images(self, count: int, seed: int = 3) -> np.ndarray:
        """Whole numbers, float32 (count, channels, height, width)."""
        return np.random.default_rng(seed).integers(0, 16, (count, CHANNELS, *SIZE)).astype(np.float32)

    def expected(self, images: Sequence[np.ndarray] | np.ndarray) -> list[np.ndarray]:
        """Integers that the network gives, (1, height, width, channels) each."""
        return [self._integers(image) for image in images]

    def _integers(self, image: np.ndarray) -> np.ndarray:
        tensors = execute_dataflow(self.stitched.model, np.moveaxis(image, 0, -1)[None])
        result = self.accelerator.stream(self.accelerator.outputs[0])
        return np.asarray(tensors[result.tensor]).astype(np.int64)

    def given(self, board: MmioBoard, images: Sequence[np.ndarray] | np.ndarray) -> Iterator[np.ndarray]:
        """Integers that the board gives, as they come."""
        packed = (self.description.input.pack(self.description.quantizer.quantize(image)) for image in images)
        return map(self.description.output.unpack, board.run(packed))

    def is_right(self, board: MmioBoard, images: np.ndarray) -> bool:
        results = list(self.given(board, images))
        return len(results) == len(images) and all(map(np.array_equal, results, self.expected(images)))
