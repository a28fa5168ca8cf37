# SPDX-License-Identifier: BSD-3-Clause
"""Trainings as processes of their own: two that share each batch, one that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from quantunet.checkpoint import read_description
from quantunet.config import TrainConfig
from quantunet.train import Progress, TrainingResult, train
from tests.quantunet.conftest import everything, recipe

WORKER = Path(__file__).with_name("one_process.py")
ROOT = WORKER.parents[2]
#: Two processes that import torch on a loaded machine.
LIMIT = 200
ALONE: tuple[str, ...] = (sys.executable,)
TWO = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def run(
    launcher: tuple[str, ...], config: TrainConfig, output: Path, *options: object
) -> subprocess.CompletedProcess[str]:
    """Run `WORKER` into the folder `output`; its curve is put beside it."""
    settings = output.with_suffix(".config.json")
    settings.write_text(config.model_dump_json())
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [*launcher, *map(str, (WORKER, settings, output, output.with_suffix(".curve.json"), *options))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    with subprocess.Popen(
        command,
        env=environment,
        cwd=output.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, error = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, error)


@pytest.fixture(scope="module")
def gentle_config(small_config: TrainConfig) -> TrainConfig:
    """Widths move but stay wide: at 2 or 3 bits a rounding that falls the other way soon shows in the loss, also
    between two runs in one process whose weights differ by 1e-15. Five images do not halve evenly.
    """
    changes = {"bit_penalty": 1.0, "width_learning_rate": 0.1, "batch_size": 5, "device": "cpu"}
    model = small_config.model.model_copy(update={"base_width": 4})
    return small_config.model_copy(update={**changes, "model": model})


@pytest.fixture(scope="module")
def by_two(gentle_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output of a training by two processes in float64."""
    output = tmp_path_factory.mktemp("two") / "run"
    done = run(TWO, gentle_config, output, "--double")
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture
def double() -> Iterator[None]:
    """New tensors are float64, so that no value lies within the order of sums of a quantizer's boundary."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("double")
def test_two_processes_train_as_one_does(by_two: Path, gentle_config: TrainConfig, tmp_path: Path) -> None:
    alone: list[Progress] = []
    result = train(gentle_config, tmp_path / "one", report=alone.append)
    shared = json.loads(by_two.with_suffix(".curve.json").read_text())
    assert len(shared) == gentle_config.steps
    for progress, other in zip(alone, shared, strict=True):
        expected = (progress.loss, progress.weight_bits, progress.activation_bits)
        assert other == pytest.approx(expected, rel=1e-9), f"step {progress.step}"
    assert alone[-1].weight_bits < 7, "the widths did not move"
    assert read_description(by_two).metrics == result.metrics


@pytest.mark.usefixtures("double")
def test_two_processes_train_with_every_option_as_one_does(
    gentle_config: TrainConfig, small_config: TrainConfig, teacher: Path, tmp_path: Path
) -> None:
    config = everything(gentle_config.model_copy(update={"model": small_config.model}), teacher)
    config = recipe(config, target_bits=6.0)  # gentle, too
    alone: list[Progress] = []
    result = train(config, tmp_path / "one", report=alone.append)
    done = run(TWO, config, tmp_path / "two", "--double")
    assert done.returncode == 0, done.stderr
    shared = json.loads((tmp_path / "two.curve.json").read_text())
    assert [loss for loss, *_ in shared] == pytest.approx([progress.loss for progress in alone], rel=1e-9)
    assert read_description(tmp_path / "two").metrics == result.metrics


def test_a_lost_process_ends_the_training_which_resumes_to_the_same_weights(
    by_two: Path, gentle_config: TrainConfig, tmp_path: Path
) -> None:
    lost = run(TWO, gentle_config, tmp_path / "run", "--double", "--kill-step", 45)
    assert lost.returncode != 0
    assert "error: another process of this training was lost" in lost.stderr
    assert "where: process 1 of 2" in lost.stderr
    assert "--resume" in lost.stderr
    resumed = run(TWO, gentle_config, tmp_path / "run", "--double", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert weights(tmp_path / "run") == weights(by_two)


def test_a_killed_training_resumes_to_the_same_weights(
    trained: TrainingResult, small_config: TrainConfig, tmp_path: Path
) -> None:
    """Killed after a step, then while the best checkpoint is being replaced, then finished."""
    steps = best_steps(small_config, tmp_path / "watched")
    assert len(steps) > 1, "the best checkpoint is never replaced"
    output = tmp_path / "run"
    assert run(ALONE, small_config, output, "--kill-step", 33).returncode == -signal.SIGKILL
    done = run(ALONE, small_config, output, "--resume", "--kill-step", steps[-1] - 1, "--kill-in-save")
    assert done.returncode == -signal.SIGKILL
    assert not (output / "best").exists(), "not killed between the two moves"
    finished = train(small_config, output, resume=True)
    assert weights(output) == weights(trained.checkpoint)
    assert finished.metrics == trained.metrics
    assert not list(output.glob(".best*"))


def weights(checkpoint: Path) -> bytes:
    folder = checkpoint / "best" if (checkpoint / "best").is_dir() else checkpoint
    return (folder / "weights.safetensors").read_bytes()


def best_steps(config: TrainConfig, output: Path) -> list[int]:
    """The steps at which a training writes its best checkpoint."""
    found: list[int] = []
    best, before = output / "best" / "model.json", b""

    def watch(progress: Progress) -> None:
        nonlocal before
        if best.exists() and (content := best.read_bytes()) != before:
            found.append(progress.step)
            before = content

    train(config, output, report=watch)
    return found
