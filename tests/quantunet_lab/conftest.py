# SPDX-License-Identifier: BSD-3-Clause
"""A tiny experiment on drawn discs: two seeds of a float network and of one with learned widths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from quantunet_lab.experiment.config import ExperimentConfig, read_experiment_config
from quantunet_lab.experiment.sweep import compute
from tests.quantunet.conftest import draw_pairs

#: Threads of the test itself compute the runs: a process of its own takes longer to start than they do.
HERE = {"kind": "local", "workers": 1, "processes": False}


def write_experiment(folder: Path, pairs: Path, **settings: Any) -> Path:
    """The file of a tiny experiment; `settings` replace its keys."""
    shared = {
        "model": {"base_width": 2, "depth": 1, "image_size": [16, 16]},
        "data": {"kind": "folder", "path": str(pairs), "group_separator": "_"},
        "steps": 30,
        "batch_size": 4,
        "learning_rate": 0.02,
        "bit_penalty": 8.0,
        "width_learning_rate": 0.3,
        "freeze_at": 0.5,
        "validate_every": 5,
        "save_every": 5,
    }
    (folder / "train.yaml").write_text(yaml.safe_dump(shared))
    experiment = {
        "title": "Discs",
        "train": "train.yaml",
        "seeds": [0, 1],
        "variants": {"float": {"model": {"precision": "float"}}, "learned": {}},
        "cluster": HERE,
        "goal": {"seeds": 2},
    }
    file = folder / "experiment.yaml"
    file.write_text(yaml.safe_dump({**experiment, **settings}, sort_keys=False))
    return file


@pytest.fixture(scope="session")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_pairs(tmp_path_factory.mktemp("lab") / "discs", 12)


@dataclass(frozen=True)
class Finished:
    config: ExperimentConfig
    output: Path
    said: tuple[str, ...]
    failures: dict[str, str]


@pytest.fixture(scope="session")
def finished(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The experiment, all its runs done."""
    folder = tmp_path_factory.mktemp("finished")
    config = read_experiment_config(write_experiment(folder, discs))
    said: list[str] = []
    failures = compute(config, folder / "out", said.append)
    return Finished(config, folder / "out", tuple(said), failures)
