# SPDX-License-Identifier: BSD-3-Clause
"""Which versions of its requirements the wheel is installed with."""

from __future__ import annotations

import re
from pathlib import Path

from trust.wheel.wheel import PROJECT

PINNED, LOWEST, NEWEST = "pinned", "lowest", "newest"
VERSIONS = (PINNED, LOWEST, NEWEST)
REQUIREMENTS = PROJECT / "requirements"


def constraints(versions: str, folder: Path) -> list[str]:
    """Arguments for pip; `folder` takes a file where one has to be written."""
    if versions == NEWEST:
        return []
    if versions == PINNED:
        return ["--constraint", str(REQUIREMENTS / "constraints.txt")]
    file = folder / "lowest.txt"
    file.write_text("".join(f"{line}\n" for line in lowest((REQUIREMENTS / "base.txt").read_text(encoding="utf-8"))))
    return ["--constraint", str(file)]


def lowest(requirements: str) -> list[str]:
    """Each requirement of a file at the lower bound of its range."""
    found = []
    for line in requirements.splitlines():
        if line and not line.startswith("#"):
            bound = re.fullmatch(r"([A-Za-z0-9._-]+)>=([^,]+)(?:,.*)?", line)
            assert bound is not None, f"no lower bound: {line}"
            found.append(f"{bound[1]}=={bound[2]}")
    return found
