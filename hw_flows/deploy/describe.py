# SPDX-License-Identifier: BSD-3-Clause
"""What the driver has to know of a build, and whether it then computes what the network does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board
from hw_flows.deploy.host_side import input_quantizer, output_scale_and_bias, stream_format
from hw_flows.deploy.write import weight_files
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.segmenter import mask_of
from hw_flows.inputs import NetworkInputs
from hw_flows.machine.errors import CheckFailed
from hw_flows.network.execute import host_input
from hw_flows.network.verification import logits_agree, parent_model
from hw_flows.report.files import performance_of
from hw_flows.shells import board_memory_system


def describe_build(
    output: Path,
    board: Board,
    images: np.ndarray,
    logits: np.ndarray,
    *,
    identity: str,
    clock_mhz: float,
    link: Mapping[str, Any],
    bitstream: str,
) -> AcceleratorDescription:
    """Of the verified build in `output` in its shell; `bitstream`: file in `bitfile/`.

    `images` (N, C, H, W) and the network's `logits` (N, classes, H, W), with which it was verified. Raises UserError where
    it was not, or the host would have to compute what no driver does, CheckFailed where the driver computes something else.
    """
    performance = performance_of(output)
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    parent = parent_model(output)
    scale, bias = output_scale_and_bias(parent, accelerator)
    system = board_memory_system(accelerator, output / "rtl", board)
    description = AcceleratorDescription(
        name=NetworkInputs.load(output / "inputs" / "inputs.json").title,
        board=board.title,
        bitstream=f"bitfile/{bitstream}",
        identity=identity,
        clock_mhz=clock_mhz,
        frame_ms=round(performance["cycles_per_frame"] / clock_mhz / 1e3, 4),
        input=stream_format(accelerator.stream(accelerator.inputs[0])),
        output=stream_format(accelerator.stream(accelerator.outputs[0])),
        quantizer=input_quantizer(parent),
        scale=scale,
        bias=bias,
        link=dict(link),
        weights=weight_files(system) if system else None,
    )
    captured = output / "verification" / "captured" / f"{accelerator.outputs[0]}.bin"
    check_host_side(description, parent, images, logits, captured)
    return description


def check_host_side(
    description: AcceleratorDescription, parent: ModelWrapper, images: np.ndarray, logits: np.ndarray, captured: Path
) -> None:
    """The driver quantizes every image as the network does, and makes the network's logits of the hardware's words.

    `images` (N, C, H, W), `logits` (N, classes, H, W); `captured`: the words that left the simulated accelerator, in the
    driver's own layout. Raises CheckFailed where one value differs.
    """
    size = description.output.frame_bytes
    words = captured.read_bytes()
    for number, (image, expected) in enumerate(zip(images, logits, strict=True)):
        if not np.array_equal(description.quantizer.quantize(image), host_input(parent, image[None])):
            raise CheckFailed(f"the driver quantizes image {number} differently from the network", "step_deploy")
        integers = description.output.unpack(words[number * size : (number + 1) * size])
        answer = description.logits(integers)
        if not logits_agree(answer[None], expected[None].astype(np.float64)):
            raise CheckFailed(f"the driver's logits of image {number} are not the network's", "step_deploy")
        assert mask_of(answer).shape == expected.shape[1:]
