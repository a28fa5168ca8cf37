# SPDX-License-Identifier: BSD-3-Clause
"""The container engine: Docker, or Podman where Docker is absent; found, asked, and told in words what is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError

#: How long the engine may take to answer a question; starting its service on demand is in it.
ANSWER_SECONDS = 60.0
INSTALL = "install Docker (Debian: apt install docker.io) or Podman (apt install podman)"
START = "start it (sudo systemctl start docker) and make sure that you may use it (sudo usermod -aG docker $USER)"


@dataclass(frozen=True)
class ContainerEngine:
    """An engine that answered."""

    program: Path
    podman: bool
    rootless: bool
    """Containers run in a user namespace of the caller's."""

    def user_arguments(self) -> list[str]:
        """Arguments of `run` with which new files belong to the caller, with the caller's groups where that is possible.

        A rootless Docker maps the container's root to the caller; a rootless Podman keeps ids if asked to.
        """
        ids = f"{os.getuid()}:{os.getgid()}"
        if self.rootless and self.podman:
            return ["--userns", "keep-id", "--user", ids]
        if self.rootless:
            return ["--user", "0:0"]
        groups = sorted(set(os.getgroups()) - {os.getgid(), 0})
        return ["--user", ids, *(word for group in groups for word in ("--group-add", str(group)))]

    def has_image(self, image: str) -> bool:
        """Whether the image is on this machine."""
        return ask([str(self.program), "image", "inspect", "--format", "{{.Id}}", image]).returncode == 0


def find_engine() -> ContainerEngine:
    """Docker if it answers, else Podman. Raises UserError that says which is missing or silent, and what to do."""
    silent = []
    for name in ("docker", "podman"):
        found = shutil.which(name)
        if found is None:
            continue
        engine, words = _examine(Path(found))
        if engine is not None:
            return engine
        silent.append(f"{found} does not answer: {words}")
    if silent:
        raise UserError("no container engine answers", "; ".join(silent), START)
    raise UserError("there is no container engine", "no docker and no podman on PATH", INSTALL)


def _examine(program: Path) -> tuple[ContainerEngine | None, str]:
    """The engine behind a program, or None and its last words."""
    try:
        # Distributions offer Podman under Docker's name.
        podman = "podman" in ask([str(program), "--version"]).stdout.lower()
        question = "{{.Host.Security.Rootless}}" if podman else "{{json .SecurityOptions}}"
        answer = ask([str(program), "info", "--format", question])
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    if answer.returncode != 0:
        return None, last_line(answer.stderr or answer.stdout)
    return ContainerEngine(program, podman, _is_rootless(answer.stdout.strip(), podman)), ""


def _is_rootless(answer: str, podman: bool) -> bool:
    if podman:
        return answer == "true"
    try:
        options = json.loads(answer) or []
    except ValueError:
        return False
    return any("name=rootless" in str(option) for option in options)


def ask(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Put a short question to an engine."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=ANSWER_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
