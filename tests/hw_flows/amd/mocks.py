# SPDX-License-Identifier: BSD-3-Clause
"""Puts the stand-in for Vivado on a PATH of its own."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

MOCK = Path(__file__).parent / "mock_vivado.py"


def install(folder: Path, name: str = "vivado", script: Path = MOCK) -> Path:
    """A program `name` in `folder` that runs `script` with this Python."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))} "$@"\n')
    program.chmod(0o755)
    return program
