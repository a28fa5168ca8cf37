# SPDX-License-Identifier: BSD-3-Clause
"""The yosys command line that SymbiYosys calls, `yosys -ql LOG SCRIPT`, on the native Yosys of the Python package."""

from __future__ import annotations

import sys
from pathlib import Path

from pyosys import libyosys


def main(arguments: list[str]) -> None:
    match arguments:
        case ["-ql", log, script]:
            libyosys.run_pass(f"tee -q -o {log} script {script}", libyosys.Design())
        case [script]:
            libyosys.run_pass(f"script {script}", libyosys.Design())
        case _:
            sys.exit(f"{Path(__file__).name}: unknown arguments: {arguments}")


if __name__ == "__main__":
    main(sys.argv[1:])
