"""Trainings as processes of their own: two that share each batch, one that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quantunet.config import TrainConfig
from quantunet.train import Progress, Result, train

WORKER = Path(__file__).with_name("one_process.py")
ROOT = WORKER.parents[2]
#: Two processes that import torch on a loaded machine. Nothing waits so long unless it hangs.
LIMIT = 300
ALONE: tuple[str, ...] = (sys.executable,)
TWO = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def start(tmp_path: Path, small_config: TrainConfig) -> Run:
    """Run `WORKER`; its curve lies at tmp_path/<output>.json."""

    def run(
        launcher: tuple[str, ...], output: str, *options: object, config: TrainConfig = small_config
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "config.json").write_text(config.model_dump_json())
        arguments = [tmp_path / "config.json", tmp_path / output, tmp_path / f"{output}.json", *options]
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [*launcher, str(WORKER), *map(str, arguments)],
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def gentle_config(small_config: TrainConfig) -> TrainConfig:
    """Widths move but stay wide: at 2 or 3 bits a rounding that falls the other way soon shows in the loss, also
    between two runs in one process whose weights differ by 1e-15. Five images do not halve evenly.
    """
    changes = {"bit_penalty": 1.0, "width_learning_rate": 0.1, "batch_size": 5, "device": "cpu"}
    model = small_config.model.model_copy(update={"base_width": 4})
    return small_config.model_copy(update={**changes, "model": model})


def test_two_processes_train_as_one_does(start: Run, gentle_config: TrainConfig, tmp_path: Path) -> None:
    """In float64, so that no value lies within the order of sums of a quantizer's boundary."""
    for launcher, output in ((ALONE, "one"), (TWO, "two")):
        done = start(launcher, output, "--double", config=gentle_config)
        assert done.returncode == 0, done.stderr
    one, two = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one", "two"))
    assert len(one) == len(two) == gentle_config.steps
    for step, (alone, shared) in enumerate(zip(one, two, strict=True), 1):
        assert shared == pytest.approx(alone, rel=1e-9), f"step {step}"
    assert one[-1][1] < 7, "the widths did not move"
    scores = [json.loads((tmp_path / name / "best" / "model.json").read_text())["metrics"] for name in ("one", "two")]
    assert scores[0] == scores[1]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_process_ends_the_training_with_an_error(start: Run, small_config: TrainConfig, lost: int) -> None:
    endless = small_config.model_copy(update={"steps": 1_000_000, "device": "cpu"})
    done = start(TWO, "run", "--kill-step", 7, "--kill-rank", lost, config=endless)
    assert done.returncode != 0
    assert f"process {1 - lost} of 2: another process of this training was lost" in done.stderr
    assert "--resume" in done.stderr


def test_a_killed_training_resumes_to_the_same_weights(
    start: Run, trained: Result, small_config: TrainConfig, tmp_path: Path
) -> None:
    """Killed after a step, then while the best checkpoint is being replaced, then finished."""
    output = tmp_path / "run"
    assert start(ALONE, "run", "--kill-step", 33).returncode == -signal.SIGKILL
    steps = best_steps(small_config, tmp_path / "watched")
    assert len(steps) > 1, "the best checkpoint is never replaced"
    done = start(ALONE, "run", "--resume", "--kill-step", steps[-1] - 1, "--kill-in-save")
    assert done.returncode == -signal.SIGKILL
    assert not (output / "best").exists(), "not killed between the two moves"
    assert start(ALONE, "run", "--resume").returncode == 0
    for name in ("weights.safetensors", "model.json"):
        assert (output / "best" / name).read_bytes() == (trained.checkpoint / name).read_bytes(), name
    assert not list(output.glob(".best*"))


def test_two_killed_processes_resume_to_the_same_weights(start: Run, small_config: TrainConfig, tmp_path: Path) -> None:
    config = small_config.model_copy(update={"device": "cpu"})
    assert start(TWO, "whole", config=config).returncode == 0
    assert start(TWO, "cut", "--kill-step", 45, config=config).returncode != 0
    assert start(TWO, "cut", "--resume", config=config).returncode == 0
    whole, cut = ((tmp_path / name / "best" / "weights.safetensors").read_bytes() for name in ("whole", "cut"))
    assert whole == cut


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
