# SPDX-License-Identifier: BSD-3-Clause
"""In flows that go on to a bitstream: the netlist that was routed, simulated with the cells' models.

The deployed driver talks to it as it will talk to the board: what is checked is netlist, shell and driver together.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.segmenter import Segmenter
from hw_flows.flows import find_flow
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.progress import step_progress
from hw_flows.report.files import write_report
from hw_flows.steps.make_bitstream import bitstream_job

#: Frames that are sent. One frame more begins before the last one ends, so two show that frames do not disturb each other.
FRAMES = 2


def step_simulate_routed(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/routed_netlist.json`. Raises CheckFailed where one integer differs or nothing comes.

    Does nothing in a flow whose netlist cannot be simulated here.
    """
    config = settings(cfg)
    output = config.output_dir
    description = AcceleratorDescription.load(output / "deploy" / "accelerator.json")
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    flow = find_flow(config.flow, load_board(config.board))
    if not flow.simulates:
        return model
    images = np.load(config.images)[:FRAMES]
    expected = (output / "verification" / "captured" / f"{accelerator.outputs[0]}.bin").read_bytes()
    say = step_progress()
    started = time.monotonic()
    say(0.0, "compiling the netlist's simulator")
    frames = 0
    complaint = None
    try:
        with flow.simulated_board(bitstream_job(config), description) as board:
            for number, integers in enumerate(Segmenter(description, board).integers(iter(images))):
                complaint = complaint or first_difference(description, expected, number, integers)
                frames += 1
                say(frames / len(images), f"frame {frames} of {len(images)} at gate level")
    except BoardError as error:
        complaint = f"the simulated board fails: {error}"
    values = frames * int(np.prod(description.output.shape))
    report = {
        "equal": complaint is None,
        "frames": frames,
        "values_compared": values,
        "seconds": round(time.monotonic() - started, 1),
        "complaint": complaint,
    }
    write_report(output, "routed_netlist", report)
    if complaint is not None:
        raise CheckFailed(
            f"the routed netlist does not do what the RTL does: {complaint}",
            "step_simulate_routed",
            "the bitstream is not to be used; the fault lies in synthesis or in a cell's model",
        )
    return model


def first_difference(
    description: AcceleratorDescription, expected: bytes, number: int, integers: np.ndarray
) -> str | None:
    """The first integer of frame `number` that is not the RTL's; None where all are equal."""
    size = description.output.frame_bytes
    wanted = description.output.unpack(expected[number * size : (number + 1) * size])
    differing = np.argwhere(wanted != integers)
    if not len(differing):
        return None
    _, row, column, channel = map(int, differing[0])
    return (
        f"frame {number}, row {row}, column {column}, channel {channel}: expected {wanted[tuple(differing[0])]}, "
        f"got {integers[tuple(differing[0])]} ({len(differing):,} of {wanted.size:,} differ)"
    )
