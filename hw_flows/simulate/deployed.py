# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/run.py` of a build, as it is, with the simulated board in place of the real one: shell, accelerator and driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.drivers.description import Description
from hw_flows.drivers.errors import BoardError
from hw_flows.errors import UserError
from hw_flows.report_files import read_report
from hw_flows.shells import zynq7
from hw_flows.simulate.serial_board import compile_serial_board, running_board
from hw_flows.simulate.zynq7_board import compile_zynq7_board

STAND_IN = Path(__file__).with_name("pynq_stand_in")
#: A simulated board is some thousand times slower than the real one, and silent while the accelerator works.
GRACE_SECONDS = 600


def run_deployed(build_dir: Path, arguments: Sequence[str] = (), *, jobs: int = 2) -> int:
    """Run it with more `arguments` of run.py; its exit status: 0 all masks as expected, 1 one differs, 2 unusable.

    Raises UserError where the build made no `deploy/`.
    """
    deploy, rtl = build_dir / "deploy", build_dir / "rtl"
    try:
        description = Description.load(deploy / "accelerator.json")
    except BoardError as error:
        raise UserError(
            f"there is no deployed accelerator: {error}", str(deploy), "build with a flow that makes a bitstream"
        ) from error
    accelerator = Accelerator.load(rtl / "accelerator.json")
    report = read_report(build_dir, "build")
    if report is None:
        raise UserError("the build has no report", str(build_dir), "let qu-build finish first")
    board = load_board(report["board"])
    shell_folder = build_dir / "verification" / "board"
    command = [sys.executable, str(deploy / "run.py"), "--grace", str(GRACE_SECONDS), *arguments]
    if board.family == "ecp5":
        binary = compile_serial_board(accelerator, rtl, board, description.clock_mhz, shell_folder, jobs)
        with running_board(binary, rtl) as (port, _):
            return subprocess.call([*command, "--no-load", "--port", port])
    shell, _ = zynq7.write_shell(accelerator, rtl, board, description.clock_mhz, shell_folder)
    binary = compile_zynq7_board(shell, accelerator, rtl, jobs=jobs)
    named = {"binary": str(binary), "rtl": str(rtl.resolve()), "link": description.link,
             "ps_clock_mhz": board.ps_clock_mhz}  # fmt: skip
    path = os.pathsep.join([str(STAND_IN), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.call(command, env={**os.environ, "PYTHONPATH": path, "QU_SIMULATED_BOARD": json.dumps(named)})
