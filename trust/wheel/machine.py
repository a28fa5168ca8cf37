# SPDX-License-Identifier: BSD-3-Clause
"""An environment of its own outside the checkout, where nothing but the wheel is installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.tools import run_tool

INSTALL_SECONDS = 1800.0
COMMAND_SECONDS = 1800.0


@dataclass(frozen=True)
class Machine:
    """A folder with a virtual environment, a cache that is empty at first, and a folder to work in."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "environment" / "bin" / "python"

    @property
    def work(self) -> Path:
        """Where commands run; relative outputs are written here."""
        return self.folder / "work"

    def set_up(self) -> None:
        """Raises ToolError where Python has no venv."""
        self.work.mkdir(parents=True)
        make = [sys.executable, "-m", "venv", str(self.python.parents[1])]
        run_tool("venv", make, cwd=self.folder, log=self.folder / "venv.log", limit_seconds=INSTALL_SECONDS)

    def pip(self, *arguments: str) -> None:
        """Raises ToolError where pip does not succeed."""
        self._run("pip", [str(self.python), "-m", "pip", *arguments], {}, INSTALL_SECONDS)

    def commands(self) -> list[str]:
        """Names of the installed commands of this project."""
        return sorted(path.name for path in self.python.parent.glob("qu-*"))

    def shell(self, line: str) -> str:
        """What a line of a user's shell prints. Raises ToolError where it ends with another status than 0."""
        cache = str(self.folder / "cache")
        own = {"XDG_CACHE_HOME": cache, "QU_CACHE": f"{cache}/hw_flows", "YOWASP_CACHE_DIR": f"{cache}/yowasp"}
        return self._run(line, ["bash", "-c", line], own, COMMAND_SECONDS)

    def _run(self, name: str, command: Sequence[str], more: dict[str, str], limit_seconds: float) -> str:
        path = f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin"
        environment = {"PATH": path, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1", **more}
        log = self.folder / "logs" / f"{len(list(self.folder.glob('logs/*'))):02}.log"
        return run_tool(name, command, cwd=self.work, log=log, limit_seconds=limit_seconds, environment=environment)
