# SPDX-License-Identifier: BSD-3-Clause
"""Tools that crash, hang, print rubbish or claim to have written what they have not."""

from __future__ import annotations

from pathlib import Path
from time import sleep

import pytest

from hw_flows.machine.tools import ToolError, run_tool
from tests.hw_flows.mock_tools import mock_tool


def run(tmp_path, script: str, limit_seconds: float = 20.0, produces=()) -> str:
    tool = mock_tool(tmp_path / "bin", "compiler", script)
    return run_tool(
        "compiler", [str(tool)], cwd=tmp_path, log=tmp_path / "log", limit_seconds=limit_seconds, produces=produces
    )


def test_its_output_is_returned_and_logged(tmp_path):
    assert run(tmp_path, "echo good; echo bad >&2") == (tmp_path / "log").read_text() == "good\nbad\n"


@pytest.mark.parametrize(("script", "words"), [("echo no; exit 3", "status 3"), ("echo no; kill -11 $$", "signal 11")])
def test_how_it_failed_is_told_with_its_last_words(tmp_path, script, words):
    with pytest.raises(ToolError, match=f"compiler .*{words}; its last output:\nno"):
        run(tmp_path, script)


def test_one_that_hangs_is_ended_with_all_it_started(tmp_path):
    with pytest.raises(ToolError, match="exceeded its time limit of 1 s"):
        run(tmp_path, f"sleep 100 & echo $! > {tmp_path}/child; echo waiting; wait", limit_seconds=1)
    child = Path(f"/proc/{int((tmp_path / 'child').read_text())}/stat")
    for _ in range(1000):  # the kernel takes its time
        if not child.exists() or child.read_text().split()[2] in "ZX":
            return
        sleep(0.01)
    raise AssertionError("what the tool started goes on")


@pytest.mark.parametrize("script", ["echo done", ": > result"])
def test_what_it_says_it_wrote_is_there_and_not_empty(tmp_path, script):
    with pytest.raises(ToolError, match="exited with status 0 but wrote no result"):
        run(tmp_path, script, produces=[tmp_path / "result"])
    run(tmp_path, "echo something > result", produces=[tmp_path / "result"])


def test_rubbish_in_its_output_breaks_nothing(tmp_path):
    with pytest.raises(ToolError, match="status 1"):
        run(tmp_path, "head -c 2000 /dev/urandom; exit 1")


def test_one_that_cannot_be_started_is_told(tmp_path):
    with pytest.raises(ToolError, match="could not be started"):
        run_tool("compiler", [str(tmp_path / "none")], cwd=tmp_path, log=tmp_path / "log", limit_seconds=5)
