# SPDX-License-Identifier: BSD-3-Clause
"""The command `qu-build --docker` as a user runs it, with an engine that really runs the command it is given."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hw_flows.docker.engine import find_engine
from hw_flows.docker.images import OPEN, find_image
from hw_flows.docker.plan import ContainerRun
from hw_flows.docker.run import run_container
from hw_flows.machine.errors import UserError
from tests.hw_flows.docker.conftest import install_vivado
from tests.hw_flows.docker.mock_engine import QU_BUILD
from tests.hw_flows.foreign import ForeignNet, export
from tests.hw_flows.test_cli import assert_refused

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def working(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.setenv("QU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return folder


def qu_build(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", QU_BUILD, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def test_the_same_build_inside_and_outside(engine, working):
    export(ForeignNet(), working / "net.onnx")
    arguments = (
        "--model",
        "net.onnx",
        "--frames",
        "1",
        "--stop-step",
        "step_qonnx_cleanup",
        "--flow",
        "none",
        "--batch",
    )
    outside = qu_build(working, "--output", "outside", *arguments)
    inside = qu_build(working, "--output", "inside", "--docker", *arguments)
    assert (outside.returncode, inside.returncode) == (0, 0), inside.stderr
    assert inside.stdout.splitlines()[-1] == outside.stdout.splitlines()[-1].replace("outside", "inside")
    for name in ("inputs/network.onnx", "inputs/logits.npy", "intermediate_models/01_step_qonnx_cleanup.onnx"):
        assert (working / "inside" / name).read_bytes() == (working / "outside" / name).read_bytes(), name
    keys = [json.loads((working / side / "build_state.json").read_text())["key"] for side in ("inside", "outside")]
    assert keys[0] == keys[1], "so either can go on where the other stopped"
    for path in (working / "inside").rglob("*"):
        assert (path.stat().st_uid, path.stat().st_gid) == (os.getuid(), os.getgid())
    assert len(engine.calls_of("build")) == 1


def test_every_option_arrives_inside(engine, working, monkeypatch):
    (engine.folder / "images").write_text(find_image(OPEN).name + "\n")
    monkeypatch.setenv("MOCK_STATUS", "1")  # nothing is run
    (working / "x.npy").touch()
    options = [
        "--board",
        "ulx3s-85f",
        "--flow",
        "none",
        "--target-fps",
        "123.5",
        "--clock-mhz",
        "40.0",
        "--verify-input",
        "x.npy",
        "--frames",
        "3",
        "--start-step",
        "step_stitch",
        "--stop-step",
        "step_verify",
        "--jobs",
        "7",
        "--batch",
    ]
    qu_build(working, "--docker", *options)
    (run,) = engine.calls_of("run")
    arrived = run[run.index("qu-build") + 1 :]
    assert sorted(arrived) == sorted(options)
    for flag, value in itertools.pairwise(options):
        if flag.startswith("--") and not value.startswith("--"):
            assert arrived[arrived.index(flag) + 1] == value


def test_what_the_build_inside_refuses_is_refused_once(engine, working):
    assert_refused(qu_build(working, "--docker", "--output", "o", "--stop-step", "step_nonsense"), "step_nonsense")


@pytest.mark.parametrize("status", [0, 1, 2, 130])
def test_the_status_of_the_command_inside_is_returned(engine, status, tmp_path):
    assert run_container(find_engine(), shell(f"exit {status}", tmp_path)) == status


def shell(script: str, folder: Path) -> ContainerRun:
    """A container that runs a shell script."""
    ids = f"{os.getuid()}:{os.getgid()}"
    command = ["docker", "run", "--name", "c", "--user", ids, "--workdir", str(folder), "image", "sh", "-c", script]
    return ContainerRun("c", tuple(command))


def test_an_engine_that_fails_itself_is_not_taken_for_a_failed_check(engine, monkeypatch, tmp_path):
    found = find_engine()
    monkeypatch.setenv("MOCK_STATUS", "125")
    with pytest.raises(UserError, match="could not run the container"):
        run_container(found, shell("true", tmp_path))


def test_no_engine_is_refused(engine, working):
    (engine.folder / "bin" / "docker").unlink()
    assert_refused(qu_build(working, "--docker"), "no docker and no podman on PATH", "apt install docker.io")


def test_a_service_that_does_not_run_is_refused(engine, working, monkeypatch):
    monkeypatch.setenv("MOCK_INFO", "silent")
    assert_refused(qu_build(working, "--docker"), "Is the docker daemon running?", "systemctl start docker")


def test_vivado_without_an_installation_is_refused(engine, working):
    assert_refused(qu_build(working, "--docker", "--flow", "vivado"), "export FINN_XILINX_PATH=")
    assert engine.calls_of("build") == []


def test_vivado_gets_its_own_image_and_installation(engine, working, tmp_path, monkeypatch):
    install_vivado(tmp_path / "Xilinx")
    monkeypatch.setenv("FINN_XILINX_PATH", str(tmp_path / "Xilinx"))
    monkeypatch.setenv("FINN_XILINX_VERSION", "2022.2")
    qu_build(working, "--docker", "--flow", "vivado", "--stop-step", "step_nonsense")
    (run,) = engine.calls_of("run")
    assert any("vendor-" in word for word in run)
    assert f"FINN_XILINX_PATH={tmp_path / 'Xilinx'}" in run


def test_an_image_of_the_users_own(engine, working, monkeypatch):
    (engine.folder / "images").write_text("lab/flow:3\n")
    monkeypatch.setenv("QU_DOCKER_IMAGE", "lab/flow:3")
    qu_build(working, "--docker", "--stop-step", "step_nonsense")
    (run,) = engine.calls_of("run")
    assert "lab/flow:3" in run and engine.calls_of("build") == []


INTERRUPTIBLE = """
import signal, sys, pathlib
# Where the tests run in the background of a shell, they inherit that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from hw_flows.docker.engine import find_engine
from hw_flows.docker.images import OPEN, find_image
from hw_flows.docker.plan import ContainerRun
from hw_flows.docker.run import run_container
from hw_flows.cli import ends_cleanly
import hw_flows.docker.run
hw_flows.docker.run.STOP_SECONDS = 0.5
ends_cleanly(lambda: run_container(find_engine(), ContainerRun("c", tuple(sys.argv[1:]))))()
"""


def interrupted(script: str, folder: Path, number: int) -> tuple[int, str]:
    """Status and standard error of a command whose terminal sends a signal once its container runs."""
    (folder / "started").unlink(missing_ok=True)
    planned = shell(f"{script}; touch started; while :; do sleep 0.05; done", folder)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *planned.command],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (folder / "started").exists():
        assert process.poll() is None
        time.sleep(0.02)
    if number == signal.SIGINT:  # as a terminal does: to all of the foreground
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, words = process.communicate(timeout=60)
    return process.returncode, words


def test_ctrl_c_lets_the_build_inside_say_goodbye(engine, working):
    script = "trap 'echo interrupted >&2; exit 130' INT"
    status, words = interrupted(script, working, signal.SIGINT)
    assert (status, words.count("interrupted")) == (130, 1)
    assert engine.calls_of("stop") == []


def test_a_container_that_ignores_ctrl_c_is_stopped(engine, working):
    status, words = interrupted("trap '' INT", working, signal.SIGINT)
    assert status == 130 and "continues where it stopped" in words
    assert engine.calls_of("stop") == [["stop", "-t", "5", "c"]]


def test_no_container_outlives_a_terminated_caller(engine, working):
    status, _ = interrupted("true", working, signal.SIGTERM)
    assert status == 143
    assert engine.calls_of("stop") == [["stop", "-t", "5", "c"]]
