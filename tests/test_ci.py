# SPDX-License-Identifier: BSD-3-Clause
"""Continuous integration sees what a new user sees: nothing of earlier runs, but the way to the package index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hw_flows.mock_tools import mock_tool

ROOT = Path(__file__).parents[1]
#: Stands for make: notes its target and what it finds, then leaves things behind.
MAKE = """\
for folder in "$HOME" "$XDG_CACHE_HOME" "$TMPDIR"; do
  [ -z "$(ls -A "$folder")" ] || echo "$1: $folder is not empty"
  touch "$folder/left"
done
echo "$1 with $PIP_CONFIG_FILE, cache '$QU_CACHE', files $(find . -type f | sort | tr '\\n' ' ')" >> "$NOTES"
[ "$1" != "$FAILING" ]
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with a checkout in which much was run before."""
    mock_tool(tmp_path / "bin", "make", MAKE)
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
    shutil.copy(ROOT / ".gitignore", checkout)
    for left in (".venv/bin/python", "builds/demo/report.json", "runs/x", "hw_flows/__pycache__/a.pyc"):
        (checkout / left).parent.mkdir(parents=True)
        (checkout / left).touch()
    (checkout / "hw_flows" / "builds.py").touch()
    (tmp_path / "home" / ".config" / "pip").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "pip" / "pip.conf").touch()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "notes").touch()
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "QU_CACHE": str(tmp_path / "cache"),
        "PYTHON": sys.executable,
        "NOTES": str(tmp_path / "notes"),
        "FAILING": "",
    }


def run(machine: dict[str, str]) -> tuple[int, str, list[str]]:
    """Exit status, output, and what the stand-in noted."""
    script = Path(machine["HOME"]).parent / "checkout" / ".ci" / "run"
    done = subprocess.run([str(script)], env=machine, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr, Path(machine["NOTES"]).read_text().splitlines()


def test_each_command_starts_in_empty_folders_and_a_clean_copy(machine: dict[str, str]) -> None:
    status, said, notes = run(machine)
    found = f"with {machine['HOME']}/.config/pip/pip.conf, cache '', files ./.ci/run ./.gitignore ./hw_flows/builds.py "
    assert notes == [f"demo {found}", f"test {found}"]
    assert (status, said) == (0, "== make demo\n== make test\n")


def test_nothing_is_left(machine: dict[str, str]) -> None:
    run(machine)
    assert list(Path(machine["TMPDIR"]).iterdir()) == []


@pytest.mark.parametrize("target", ["demo", "test"])
def test_a_failure_of_either_command_is_one_of_the_whole(machine: dict[str, str], target: str) -> None:
    status, _, notes = run({**machine, "FAILING": target})
    assert status != 0
    assert notes[-1].startswith(target)
    assert list(Path(machine["TMPDIR"]).iterdir()) == []
