# SPDX-License-Identifier: BSD-3-Clause
"""A small accelerator for shells: a FIFO, so that what comes back is what was sent."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, load_board
from hw_flows.deploy.host_side import stream_format
from hw_flows.drivers.description import AcceleratorDescription, Quantizer
from hw_flows.operators.case import Case
from hw_flows.shells import find_shell
from hw_flows.testing.operator_bench import write_design

BOARD = load_board("ulx3s")
CLOCK_MHZ = 45.0
SHAPE = (1, 4, 6, 3)


def echo(folder: Path) -> tuple[Accelerator, Path]:
    """Frames of 4x6 pixels with 3 channels of 4 signed bits, a pixel in a word of 12 bits."""
    case = Case(
        "OpenStreamingFIFO_rtl",
        {"depth": 4, "folded_shape": [1, 4, 6, 1, 3], "normal_shape": list(SHAPE), "dataType": "INT4"},
    )
    _, accelerator, rtl = write_design([case], folder, "quantunet_accel")
    return accelerator, rtl


def described(
    accelerator: Accelerator, rtl: Path, folder: Path, identity: str | None = None, board: Board = BOARD
) -> AcceleratorDescription:
    shell, made = find_shell(board).write(accelerator, rtl, board, board.clock_mhz, folder)
    return AcceleratorDescription(
        name="echo",
        board=board.title,
        bitstream="bitfile/echo.bit",
        identity=identity or made,
        clock_mhz=shell.clock_mhz,
        frame_ms=0.1,
        input=stream_format(accelerator.stream(accelerator.inputs[0])),
        output=stream_format(accelerator.stream(accelerator.outputs[0])),
        quantizer=Quantizer((tuple(np.arange(-7, 8) - 0.5),), -8, 1),
        scale=(1.0, 2.0, 0.5),
        bias=(0.0, 0.5, -1.0),
        link=shell.link,
    )


def images(count: int, seed: int = 0) -> np.ndarray:
    """Whole numbers -8 to 7, float32 (count, 3, 4, 6), which `described` quantizes to themselves."""
    return np.random.default_rng(seed).integers(-8, 8, (count, 3, 4, 6)).astype(np.float32)
