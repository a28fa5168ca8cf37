# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/run.py` of a build, as it is, with the simulated board in place of the real one: shell, accelerator and driver.

A build without a bitstream has no `deploy/`; it gets one for the simulation, in `verification/board`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, board_of_build
from hw_flows.deploy.write import write_deploy
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.errors import BoardError
from hw_flows.machine.errors import UserError
from hw_flows.memory_system.description import IMAGE_FOLDER
from hw_flows.report.files import performance_of, read_report
from hw_flows.shells import SIMULATION_GRACE_SECONDS, find_shell

NO_BITSTREAM = "For a simulation: this build made no bitstream.\n"


def run_deployed(build_dir: Path, arguments: Sequence[str] = (), *, jobs: int = 2) -> int:
    """Run it with more `arguments` of run.py; its exit status: 0 all masks as expected, 1 one differs, 2 unusable.

    Raises UserError where the build is not finished, its board has no shell, or its `deploy/` is damaged.
    """
    rtl = build_dir / "rtl"
    accelerator = Accelerator.load(rtl / "accelerator.json")
    report = read_report(build_dir, "build")
    if report is None:
        raise UserError("the build has no report", str(build_dir), "let qu-build finish first")
    board = board_of_build(build_dir, report["board"])
    folder = build_dir / "verification" / "board"
    deploy = build_dir / "deploy"
    if deploy.exists():
        try:
            description = AcceleratorDescription.load(deploy / "accelerator.json")
        except BoardError as error:
            raise UserError(f"there is no deployed accelerator: {error}", str(deploy), "build again") from error
    else:
        deploy, description = deploy_without_bitstream(build_dir, accelerator, board, folder)
        arguments = ["--no-load", *arguments]
    command = [sys.executable, str(deploy / "run.py"), "--grace", str(SIMULATION_GRACE_SECONDS), *arguments]
    return find_shell(board).run_simulated(command, accelerator, rtl, board, description, folder, jobs)


def deploy_without_bitstream(
    build_dir: Path, accelerator: Accelerator, board: Board, folder: Path
) -> tuple[Path, AcceleratorDescription]:
    """Write `deploy` into `folder`: all that a board takes, but for what is loaded into it.

    Raises UserError where the board has no shell or the build was not verified.
    """
    from hw_flows.inputs import inputs_of_build

    clock_mhz = performance_of(build_dir)["clock_mhz"]
    inputs = inputs_of_build(build_dir)
    from hw_flows.deploy.describe import describe_build

    shell, identity = find_shell(board).write(accelerator, build_dir / "rtl", board, clock_mhz, folder / "shell")
    images, logits = np.load(inputs.images), np.load(inputs.expected)
    description = describe_build(
        build_dir,
        board,
        images,
        logits,
        identity=identity,
        clock_mhz=shell.clock_mhz,
        link=shell.link,
        bitstream="none",
    )
    deploy = folder / "deploy"
    weights = build_dir / IMAGE_FOLDER if description.weights else None
    write_deploy(deploy, description, [], images, logits, NO_BITSTREAM, inputs.head, weights)
    return deploy, description
