# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quantunet_common.errors import UserError
from quantunet_common.locks import claimed_folder
from quantunet_lab.experiment.config import read_experiment_config
from quantunet_lab.experiment.runs import FAILURE, RESULT, Status, runs_of
from quantunet_lab.experiment.sweep import compute
from quantunet_lab.experiment.work import train_run
from tests.quantunet_lab.conftest import Finished, write_experiment

COMMAND = (sys.executable, "-c", "from quantunet_lab.cli import experiment_main; experiment_main()")


def test_every_run_is_trained_and_measured(finished: Finished) -> None:
    assert finished.failures == {}
    runs = runs_of(finished.config, finished.output)
    assert [run.name for run in runs] == ["float seed 0", "learned seed 0", "float seed 1", "learned seed 1"]
    assert all(run.status() is Status.DONE for run in runs)
    results = [run.result() for run in runs]
    assert len({result.dice for result in results if result}) == 4
    assert finished.said[0].startswith("4 runs: 0 done, 0 to continue, 4 to start")
    assert "learned seed 1: training done, 0 to go" in finished.said


def test_runs_that_exist_are_not_trained_again(finished: Finished) -> None:
    files = [run.folder / RESULT for run in runs_of(finished.config, finished.output)]
    before = [file.stat().st_mtime_ns for file in files]
    said: list[str] = []
    assert compute(finished.config, finished.output, said.append) == {}
    assert said == ["4 runs: 4 done, 0 to continue, 0 to start; 0 hardware estimates"]
    assert [file.stat().st_mtime_ns for file in files] == before


def test_runs_of_other_settings_are_refused(finished: Finished, discs: Path, tmp_path: Path) -> None:
    changed = {"float": {"model": {"precision": "float"}}, "learned": {"bit_penalty": 1.0}}
    other = read_experiment_config(write_experiment(tmp_path, discs, variants=changed))
    with pytest.raises(UserError, match="another bit_penalty"):
        compute(other, finished.output, lambda line: None)


def test_a_run_that_fails_is_told_and_the_others_go_on(discs: Path, tmp_path: Path) -> None:
    variants = {"broken": {"data": {"kind": "folder", "path": str(tmp_path / "missing")}}, "whole": {"steps": 4}}
    file = write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None)
    config, output = read_experiment_config(file), tmp_path / "out"
    said: list[str] = []
    failures = compute(config, output, said.append)
    assert list(failures) == ["broken seed 0, training"]
    assert "is not a folder" in failures["broken seed 0, training"]
    broken, whole = runs_of(config, output)
    assert whole.status() is Status.DONE
    assert "missing" in (broken.folder / FAILURE).read_text()
    assert any("broken seed 0: training FAILED, the others go on" in line for line in said)

    (tmp_path / "missing").symlink_to(discs)  # what was wrong is put right
    assert compute(config, output, said.append) == {}
    assert broken.status() is Status.DONE
    assert broken.failure() is None


def test_a_run_waits_for_the_network_that_it_begins_with(discs: Path, tmp_path: Path) -> None:
    missing = {"kind": "folder", "path": str(tmp_path / "missing")}
    variants = {
        "after": {"steps": 4, "init_from": "{runs}/first/seed-{seed}/training"},
        "first": {"steps": 4, "model": {"precision": "float"}},
        "never": {"steps": 4, "init_from": "{runs}/broken/seed-{seed}/training"},
        "broken": {"steps": 4, "data": missing},
    }
    config = read_experiment_config(write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None))
    failures = compute(config, tmp_path / "out", lambda line: None)
    assert list(failures) == ["broken seed 0, training", "never seed 0, training"]
    assert "a run that it needs failed (broken seed 0)" in failures["never seed 0, training"]
    states = {run.variant: run.status() for run in runs_of(config, tmp_path / "out")}
    assert states["first"] is states["after"] is Status.DONE


def test_a_foreign_folder_is_left_alone(discs: Path, tmp_path: Path) -> None:
    config = read_experiment_config(write_experiment(tmp_path, discs))
    with pytest.raises(UserError, match="already holds other files"):
        compute(config, discs, lambda line: None)


def test_two_do_not_work_in_one_folder(finished: Finished) -> None:
    with (
        claimed_folder(finished.output, "the first"),
        pytest.raises(UserError, match="another qu-experiment is running here"),
    ):
        compute(finished.config, finished.output, lambda line: None)
    run, *_ = runs_of(finished.config, finished.output)
    with claimed_folder(run.folder, "the first"), pytest.raises(UserError, match="another worker is running here"):
        train_run(run, 1, lambda line: None)


def test_runs_are_computed_by_workers_at_an_address(discs: Path, tmp_path: Path) -> None:
    import distributed

    workers = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**workers, protocol="tcp", host="127.0.0.1") as elsewhere:
        cluster = {"kind": "address", "address": elsewhere.scheduler_address}
        shorter: dict[str, object] = {"float": {"steps": 4, "model": {"precision": "float"}}}
        settings = {"variants": shorter, "cluster": cluster, "goal": None}
        config = read_experiment_config(write_experiment(tmp_path, discs, **settings))
        assert compute(config, tmp_path / "out", lambda line: None) == {}
    assert all(run.status() is Status.DONE for run in runs_of(config, tmp_path / "out"))


def test_an_experiment_killed_with_its_processes_goes_on_to_the_same_weights(discs: Path, tmp_path: Path) -> None:
    variants = {"learned": {"steps": 200}}
    cluster = {"kind": "local", "workers": 1}
    file = write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None, cluster=cluster)
    config = read_experiment_config(file)
    (run,) = runs_of(config, tmp_path / "out")

    command = [*COMMAND, "--config", str(file), "--output", str(tmp_path / "out")]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    _wait_for_a_state(run.training / "state", first)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=60)
    assert run.status() is Status.STARTED

    again = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert again.returncode == 0, again.stderr
    assert "1 to continue" in again.stderr
    assert "step 20/200" not in again.stderr, "it began anew"

    straight = read_experiment_config(write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None))
    assert compute(straight, tmp_path / "straight", lambda line: None) == {}
    (uninterrupted,) = runs_of(straight, tmp_path / "straight")
    weights = "best/weights.safetensors"
    assert (run.training / weights).read_bytes() == (uninterrupted.training / weights).read_bytes()


def _wait_for_a_state(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the training has gone some way."""
    while not any(folder.glob("step-00000[4-9]*")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)


def test_the_goal_comes_first_seed_by_seed(discs: Path, tmp_path: Path) -> None:
    variants: dict[str, dict[str, object]] = {"other": {}, "learned": {}, "float": {"model": {"precision": "float"}}}
    config = read_experiment_config(write_experiment(tmp_path, discs, variants=variants))
    first = ["learned seed 0", "float seed 0", "learned seed 1", "float seed 1"]
    assert [run.name for run in runs_of(config, tmp_path)] == [*first, "other seed 0", "other seed 1"]
