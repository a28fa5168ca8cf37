# SPDX-License-Identifier: BSD-3-Clause
"""Things that were looked for on this machine: packages, programs, and what brings those that are missing."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata

from quantunet_common.installation import how_to_install

LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for."""

    name: str
    ok: bool
    detail: str
    """Version or place where it is well, else what is wrong."""
    fix: str = ""
    """Command or sentence that brings it; empty where nothing is to be done."""
    optional: bool = False
    """Useful, but a build does not need it."""


def find_package(requirement: str, optional: bool = False) -> Finding:
    """An installed Python distribution that satisfies `requirement` (as in a requirements file)."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    fix = how_to_install(wanted.name)
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return Finding(wanted.name, False, f"not installed; {requirement} is needed", fix, optional)
    if not wanted.specifier.contains(version, prereleases=True):
        return Finding(wanted.name, False, f"{version} is installed, {requirement} is needed", fix, optional)
    return Finding(wanted.name, True, version, optional=optional)


def find_program(name: str, fix: str, version: tuple[str, ...] | None = None, optional: bool = False) -> Finding:
    """A program on PATH; with arguments that make it tell its version, it must run as well."""
    found = shutil.which(name)
    if found is None:
        return Finding(name, False, "not on PATH", fix, optional)
    if version is None:
        return Finding(name, True, found, optional=optional)
    works, words = first_line([found, *version])
    return Finding(name, works, words if works else f"{found} does not run: {words}", fix, optional)


def first_line(command: list[str]) -> tuple[bool, str]:
    """Whether a command ends well, and its first line, or what went wrong."""
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=LIMIT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, str(error)
    lines = (run.stdout if run.returncode == 0 else run.stderr or run.stdout).strip().splitlines()
    return run.returncode == 0, (lines[0] if run.returncode == 0 else lines[-1]) if lines else "no output"
