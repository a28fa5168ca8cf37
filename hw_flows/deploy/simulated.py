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
from hw_flows.report.files import read_report
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
        deploy, description = deploy_without_bitstream(build_dir, board, folder)
        arguments = ["--no-load", *arguments]
    command = [sys.executable, str(deploy / "run.py"), "--grace", str(SIMULATION_GRACE_SECONDS), *arguments]
    return find_shell(board).run_simulated(command, accelerator, rtl, board, description, folder, jobs)


def deploy_without_bitstream(build_dir: Path, board: Board, folder: Path) -> tuple[Path, AcceleratorDescription]:
    """Write `deploy` into `folder`: all that a board takes, but for what is loaded into it.

    Raises UserError where the board has no shell or the build was not verified.
    """
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.inputs import NetworkInputs
    from hw_flows.operators import add_folder

    performance = read_report(build_dir, "performance")
    if performance is None:
        raise UserError("the build was not verified", str(build_dir), "let qu-build finish first")
    prepare_finn(build_dir / "finn")
    inputs = NetworkInputs.load(build_dir / "inputs" / "inputs.json")
    for operator in inputs.operators:
        add_folder(Path(operator))
    from hw_flows.deploy.describe import check_host_side, describe_build
    from hw_flows.network.verification import parent_model

    rtl = build_dir / "rtl"
    accelerator = Accelerator.load(rtl / "accelerator.json")
    shell, identity = find_shell(board).write(accelerator, rtl, board, performance["clock_mhz"], folder / "shell")
    description = describe_build(
        build_dir, board, identity=identity, clock_mhz=shell.clock_mhz, link=shell.link, bitstream="none"
    )
    images, logits = np.load(inputs.images), np.load(inputs.expected)
    captured = build_dir / "verification" / "captured" / f"{accelerator.outputs[0]}.bin"
    check_host_side(description, parent_model(build_dir), images, logits, captured)
    deploy = folder / "deploy"
    weights = build_dir / IMAGE_FOLDER if description.weights else None
    write_deploy(deploy, description, [], images, logits, NO_BITSTREAM, inputs.head, weights)
    return deploy, description
