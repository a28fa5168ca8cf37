# SPDX-License-Identifier: BSD-3-Clause
"""Verilator's lint, with all warnings, of an operator's SystemVerilog."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from hw_flows.machine.tools import package_folder
from hw_flows.operators.case import Case
from hw_flows.testing.operator_bench import rtl_operator

LIMIT_SECONDS = 60


def lint(
    case: Case, replaced: Mapping[Path, Path] | None = None, **overrides: int
) -> subprocess.CompletedProcess[str]:
    """Lint with the parameters of a case; `overrides` replace some, `replaced` gives other files for some sources.

    The exit status and the messages are Verilator's: silent and 0 where there is nothing to say.
    """
    operator = rtl_operator(case)
    verilator = package_folder("verilator")
    parameters = {**operator.rtl_parameters(), **overrides}
    command = [verilator / "bin" / "verilator_bin", "--lint-only", "-Wall", "--top-module", operator.module]
    command += [f"-G{name}={value}" for name, value in parameters.items()]
    return subprocess.run(
        [*command, *((replaced or {}).get(source, source) for source in operator.sources)],
        env={"VERILATOR_ROOT": str(verilator)}, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
