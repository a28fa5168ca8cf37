# SPDX-License-Identifier: BSD-3-Clause
"""In flows that go on to a bitstream: the folder that a person takes to the board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, load_board
from hw_flows.config import settings
from hw_flows.deploy.host_side import input_quantizer, output_scale_and_bias, stream_format
from hw_flows.deploy.write import HEAD, README, WEIGHTS, weight_files, write_deploy, write_driver
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.segmenter import mask_of
from hw_flows.inputs import NetworkInputs
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.memory_system.description import IMAGE_FOLDER, MemorySystem
from hw_flows.network.execute import host_input
from hw_flows.network.verification import logits_agree, parent_model
from hw_flows.report.files import read_report
from hw_flows.shells import board_memory_system, find_shell


def step_deploy(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `driver/` and `deploy/`. Raises CheckFailed where the driver computes other integers or logits."""
    config = settings(cfg)
    output = config.output_dir
    made, performance = read_report(output, "bitstream"), read_report(output, "performance")
    if made is None or performance is None:
        raise UserError("there is no bitstream to deploy", str(output), "run step_verify and step_make_bitstream first")
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    board = load_board(config.board)
    parent = parent_model(output)
    files = [output / name for name in made["files"]]
    inputs = NetworkInputs.load(output / "inputs" / "inputs.json")
    scale, bias = output_scale_and_bias(parent, accelerator)
    system = board_memory_system(accelerator, output / "rtl", board)
    description = AcceleratorDescription(
        name=inputs.title,
        board=board.title,
        bitstream=f"bitfile/{files[0].name}",
        identity=made["identity"],
        clock_mhz=made["clock_mhz"],
        frame_ms=round(performance["cycles_per_frame"] / made["clock_mhz"] / 1e3, 4),
        input=stream_format(accelerator.stream(accelerator.inputs[0])),
        output=stream_format(accelerator.stream(accelerator.outputs[0])),
        quantizer=input_quantizer(parent),
        scale=scale,
        bias=bias,
        link=made["link"],
        weights=weight_files(system) if system else None,
    )
    images, logits = np.load(config.images), np.load(config.answers)
    captured = output / "verification" / "captured" / f"{accelerator.outputs[0]}.bin"
    check_host_side(description, parent, images, logits, captured)
    write_driver(output / "driver")
    text = readme(description, made, board, inputs.host_operators, system)
    weights = output / IMAGE_FOLDER if system else None
    write_deploy(output / "deploy", description, files, images, logits, text, inputs.head, weights)
    return model


def check_host_side(
    description: AcceleratorDescription, parent: ModelWrapper, images: np.ndarray, logits: np.ndarray, captured: Path
) -> None:
    """The driver quantizes every image as the network does, and makes the network's logits of the hardware's words.

    `captured`: the words that left the simulated accelerator, in the driver's own layout.
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


def readme(
    description: AcceleratorDescription,
    made: dict[str, Any],
    board: Board,
    host_operators: tuple[str, ...] = (),
    system: MemorySystem | None = None,
) -> str:
    """`deploy/README.md`, one screen. `host_operators`: what the network computes behind its logits; `system`: what reads
    weights from memory."""
    heading = f"{description.name} on {board.title}"
    channels, height, width = description.image_shape
    used = ", ".join(f"{row['used']:,} {row['name']}" for row in made["utilization"][:4])
    experimental = f"\n**Experimental.** {made['experimental']}\n" if made["experimental"] else ""
    return README.format(
        name=description.name,
        title=board.title,
        rule="=" * len(heading),
        experimental=experimental,
        shape=f"{channels}x{height}x{width}",
        needs=find_shell(board).deploy_needs,
        load=made["load"],
        driver=description.link["driver"],
        weights=WEIGHTS.format(layers=len(system.layout.regions), size=system.layout.size) if system else "",
        head=HEAD.format(operators=", ".join(host_operators)) if host_operators else "",
        facts=f"Accelerator at {description.clock_mhz:g} MHz, {description.frame_ms:g} ms a frame without the way to and "
        f"from the host; build {description.identity}; {used}.",
    )
