# SPDX-License-Identifier: BSD-3-Clause
"""Programs that are not there, or are not what they seem."""

from __future__ import annotations

from pathlib import Path


def mock_tool(folder: Path, name: str, script: str = "exit 0") -> Path:
    """An executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program
