# SPDX-License-Identifier: BSD-3-Clause
"""Verilator's lint, with all warnings, of SystemVerilog: an operator's, or any module's."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hw_flows.machine.tools import package_folder
from hw_flows.operators.case import Case
from hw_flows.testing.operator_bench import rtl_operator

LIMIT_SECONDS = 60


def lint(case: Case, replaced: Mapping[Path, Path] | None = None, **overrides: int) -> subprocess.CompletedProcess[str]:
    """Lint with the parameters of a case; `overrides` replace some, `replaced` gives other files for some sources.

    The exit status and the messages are Verilator's: silent and 0 where there is nothing to say.
    """
    operator = rtl_operator(case)
    sources = [(replaced or {}).get(source, source) for source in operator.sources]
    return lint_module(operator.module, sources, {**operator.rtl_parameters(), **overrides})


def lint_module(top: str, sources: Sequence[Path], parameters: Mapping[str, int]) -> subprocess.CompletedProcess[str]:
    """The same for any module of `sources`."""
    verilator = package_folder("verilator")
    command = [str(verilator / "bin" / "verilator_bin"), "--lint-only", "-Wall", "--top-module", top]
    command += [f"-G{name}={value}" for name, value in parameters.items()]
    return subprocess.run(
        [*command, *map(str, sources)],
        env={"VERILATOR_ROOT": str(verilator)},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
