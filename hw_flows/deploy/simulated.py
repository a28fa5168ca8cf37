# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/run.py` of a build, as it is, with the simulated board in place of the real one: shell, accelerator and driver."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.boards import board_of_build
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.errors import BoardError
from hw_flows.machine.errors import UserError
from hw_flows.report.files import read_report
from hw_flows.shells import SIMULATION_GRACE_SECONDS, find_shell


def run_deployed(build_dir: Path, arguments: Sequence[str] = (), *, jobs: int = 2) -> int:
    """Run it with more `arguments` of run.py; its exit status: 0 all masks as expected, 1 one differs, 2 unusable.

    Raises UserError where the build made no `deploy/`.
    """
    deploy, rtl = build_dir / "deploy", build_dir / "rtl"
    try:
        description = AcceleratorDescription.load(deploy / "accelerator.json")
    except BoardError as error:
        raise UserError(
            f"there is no deployed accelerator: {error}", str(deploy), "build with a flow that makes a bitstream"
        ) from error
    accelerator = Accelerator.load(rtl / "accelerator.json")
    report = read_report(build_dir, "build")
    if report is None:
        raise UserError("the build has no report", str(build_dir), "let qu-build finish first")
    board = board_of_build(build_dir, report["board"])
    command = [sys.executable, str(deploy / "run.py"), "--grace", str(SIMULATION_GRACE_SECONDS), *arguments]
    folder = build_dir / "verification" / "board"
    return find_shell(board).run_simulated(command, accelerator, rtl, board, description, folder, jobs)
