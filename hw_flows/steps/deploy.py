# SPDX-License-Identifier: BSD-3-Clause
"""In flows that go on to a bitstream: the folder that a person takes to the board."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, load_board
from hw_flows.config import settings
from hw_flows.deploy.describe import describe_build
from hw_flows.deploy.write import HEAD, README, WEIGHTS, write_deploy, write_driver
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.inputs import NetworkInputs
from hw_flows.machine.errors import UserError
from hw_flows.memory_system.description import IMAGE_FOLDER, MemorySystem
from hw_flows.report.files import read_report
from hw_flows.shells import board_memory_system, find_shell


def step_deploy(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `driver/` and `deploy/`. Raises CheckFailed where the driver computes other integers or logits."""
    config = settings(cfg)
    output = config.output_dir
    made = read_report(output, "bitstream")
    if made is None:
        raise UserError("there is no bitstream to deploy", str(output), "run step_make_bitstream first")
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    board = load_board(config.board)
    inputs = NetworkInputs.load(output / "inputs" / "inputs.json")
    system = board_memory_system(accelerator, output / "rtl", board)
    files = [output / name for name in made["files"]]
    images, logits = np.load(config.images), np.load(config.answers)
    description = describe_build(
        output,
        board,
        images,
        logits,
        identity=made["identity"],
        clock_mhz=made["clock_mhz"],
        link=made["link"],
        bitstream=files[0].name,
    )
    write_driver(output / "driver")
    text = readme(description, made, board, inputs.host_operators, system)
    weights = output / IMAGE_FOLDER if system else None
    write_deploy(output / "deploy", description, files, images, logits, text, inputs.head, weights)
    return model


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
