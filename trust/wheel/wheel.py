# SPDX-License-Identifier: BSD-3-Clause
"""The wheel: made of a clean copy of the sources, and what it leaves out."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from hw_flows.machine.tools import run_tool

PROJECT = Path(__file__).resolve().parents[2]
#: Import packages that the wheel installs.
PACKAGES = ("hw_flows", "quantunet", "quantunet_common", "quantunet_lab")
_SOURCES = (*PACKAGES, "build_configs", "requirements", "pyproject.toml", "README.md", "LICENSE")
_LIMIT_SECONDS = 600.0


def build_wheel(pip: Sequence[str], folder: Path, project: Path = PROJECT) -> Path:
    """The wheel of `project` in `folder`. What an earlier build left in the checkout does not get into it.

    Args:
        pip: Command and options that stand before the folder to build from, such as `python -m pip wheel`.

    Raises:
        ToolError: it could not be built.
    """
    copy = folder / "source"
    copy_sources(copy, project)
    command = [*pip, "--quiet", "--no-deps", "--wheel-dir", str(folder), str(copy)]
    run_tool("pip wheel", command, cwd=folder, log=folder / "wheel.log", limit_seconds=_LIMIT_SECONDS)
    shutil.rmtree(copy)
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_sources(target: Path, project: Path = PROJECT) -> None:
    """All that a wheel is made of, into a new folder; links stay links."""
    target.mkdir(parents=True)
    for name in _SOURCES:
        source = project / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(source, target / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, target)


def left_out(wheel: Path, project: Path = PROJECT) -> list[str]:
    """Files of the packages that the wheel does not hold; all of them are read at run time, or are its documentation."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    return sorted(name for package in PACKAGES for name in _files(project, package) if name not in inside)


def _files(project: Path, package: str) -> list[str]:
    """Of a package, as named in a wheel; links are followed."""
    found = []
    for folder, folders, files in os.walk(project / package, followlinks=True):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        found += [(Path(folder) / name).relative_to(project).as_posix() for name in files if not name.startswith(".")]
    return found
