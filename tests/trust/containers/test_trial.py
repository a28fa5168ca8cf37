# SPDX-License-Identifier: BSD-3-Clause
"""How images are tried: the commands, what counts as the same, and what the summary says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hw_flows.docker.engine import ContainerEngine
from hw_flows.docker.images import Image, project_folder
from tests.hw_flows.docker.mock_engine import main as mock_engine
from trust.containers.checks import ContainerCheck
from trust.containers.engine import TrialEngine
from trust.containers.summary import markdown
from trust.containers.trial import ContainerTrial, Tried

IMAGE = Image("flow:open", "open", project_folder())


class OwnEngine(TrialEngine):
    """An engine whose containers run as the caller, so that tests need not be root."""

    @property
    def other_user(self) -> int | None:
        return None


@pytest.fixture
def trial(tmp_path) -> ContainerTrial:
    engine = OwnEngine(ContainerEngine(Path("/bin/false"), podman=True, rootless=False), "podman 5", "pulled")
    return ContainerTrial(engine, tmp_path, project_folder() / "build_configs" / "demo.yaml", lambda line: None)


def write_build(folder: Path) -> Path:
    for name in ("rtl/top.sv", "report/area.json", "report/build.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('{"seconds": 1, "luts": 2}')
    return folder


def test_a_command_inside_has_no_network_and_writes_only_into_its_folder(trial, tmp_path, monkeypatch):
    monkeypatch.setenv("MOCK_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("MOCK_IMAGES", str(tmp_path / "images"))
    trial.container_cache.mkdir(parents=True)
    command = trial.command_inside(IMAGE, ("touch", f"{tmp_path}/made"), tmp_path, "n")[1:]
    assert command[command.index("--network") + 1] == "none"
    mounts = [command[n + 1] for n, word in enumerate(command) if word == "--mount"]
    writable = [f"type=bind,source={folder},target={folder}" for folder in (tmp_path, trial.container_cache)]
    assert [mount for mount in mounts if "readonly" not in mount] == writable
    assert mock_engine(command) == 0 and (tmp_path / "made").exists()


def test_builds_are_the_same_but_for_times(trial, tmp_path):
    write_build(tmp_path / "outside" / "build")
    inside = write_build(tmp_path / "open" / "build")
    (inside / "report" / "area.json").write_text('{"seconds": 5, "luts": 2}')
    same = trial._compared("image open", tmp_path / "open")
    assert same.holds and same.found == "3 files, of them 1 of rtl/ and 2 of report/"
    (inside / "rtl" / "top.sv").write_text("other")
    assert "differs: rtl/top.sv" in trial._compared("image open", tmp_path / "open").found
    shutil.rmtree(inside / "rtl")
    assert not trial._compared("image open", tmp_path / "open").holds


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_noticed(trial, tmp_path):
    write_build(tmp_path / "outside" / "build")
    inside = write_build(tmp_path / "open" / "build")
    os.chown(inside / "rtl" / "top.sv", 4711, 4711)
    assert "of another user: rtl/top.sv" in trial._compared("image open", tmp_path / "open").found


def test_an_image_that_cannot_be_built_ends_its_trial(trial):
    (only,) = trial.image("open")
    assert not only.holds and "exited with status 1" in only.found


@pytest.mark.parametrize(
    "judge, words",
    [(lambda said: None, "holds"), (lambda said: "wrong", "wrong"), (lambda said: said.splitlines()[0], "IndexError")],
)
def test_an_answer_that_cannot_be_read_does_not_hold(trial, tmp_path, judge, words):
    tried = trial._run("here", "a check", ["true"], tmp_path / "log", 60.0, judge=ContainerCheck("a check", (), judge))
    assert words in tried.found and tried.holds == (words == "holds")


def test_the_summary_says_what_does_not_hold(trial):
    rows = [Tried("image open", "built", 361.4, "2.75 GB"), Tried("image open", "`qu-doctor`", 3, "a | b", False)]
    text = markdown("2026-11-28", trial.engine, "abc1234", "2 cores", rows)
    assert "2026-11-28: 1 of 2 hold. Sources abc1234; podman 5; base image pulled; 2 cores;" in text
    assert "| image open | built | 6 min 1 s | 2.75 GB |" in text
    assert "| 3 s | **does not hold**: a \\| b |" in text
