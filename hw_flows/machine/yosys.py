# SPDX-License-Identifier: BSD-3-Clause
"""Yosys, as the package pyosys brings it, in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from hw_flows.machine.tools import package_folder, run_tool
from quantunet_common.files import write_text_atomically

SCRIPT = "synthesize.ys"


def run_yosys(
    script: str,
    folder: Path,
    *,
    log: Path,
    limit_seconds: float,
    produces: Sequence[Path] = (),
) -> None:
    """Run a script in `folder`, where it is kept: paths in it count from there, so that none needs quoting.

    `produces`: files that must be there afterwards. Raises ToolError with Yosys' last words.
    """
    package_folder("pyosys")
    write_text_atomically(folder / SCRIPT, script)
    command = [sys.executable, "-c", f"from pyosys import libyosys as y; y.run_pass('script {SCRIPT}', y.Design())"]
    run_tool("yosys", command, cwd=folder, log=log, limit_seconds=limit_seconds, produces=produces)
