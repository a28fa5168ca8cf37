# SPDX-License-Identifier: BSD-3-Clause
"""A data set drawn on the spot and a small network trained on it by the real training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from quantunet.config import TrainConfig
from quantunet.train import TrainingResult, train

torch.set_num_threads(1)


def draw_pairs(folder: Path, count: int, size: tuple[int, int] = (20, 16)) -> Path:
    """A folder of bright discs on noise and their masks."""
    random = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    rows, columns = np.mgrid[: size[0], : size[1]]
    for index in range(count):
        center = random.uniform(0.3, 0.7, 2) * size
        disc = (rows - center[0]) ** 2 + (columns - center[1]) ** 2 < random.uniform(3, 6) ** 2
        image = random.integers(0, 80, size) + 150 * disc
        Image.fromarray(image.astype(np.uint8)).save(folder / "images" / f"case{index // 2}_{index % 2}.png")
        Image.fromarray((255 * disc).astype(np.uint8)).save(folder / "masks" / f"case{index // 2}_{index % 2}.png")
    return folder


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_pairs(tmp_path_factory.mktemp("data") / "discs", 12)


@pytest.fixture(scope="session")
def small_config(pairs_folder: Path) -> TrainConfig:
    """60 steps, penalized hard so that widths move; frozen from step 30; states saved each 20."""
    return TrainConfig.model_validate(
        {
            "model": {"base_width": 2, "depth": 2, "image_size": [16, 16]},
            "data": {"kind": "folder", "path": str(pairs_folder), "group_separator": "_"},
            "steps": 60,
            "batch_size": 4,
            "bit_penalty": 8.0,
            "width_learning_rate": 0.3,
            "freeze_at": 0.5,
            "validate_every": 15,
            "save_every": 20,
        }
    )


@pytest.fixture(scope="session")
def trained(small_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    return train(small_config, tmp_path_factory.mktemp("runs") / "small", command="qu-train --example")


@pytest.fixture(scope="session")
def teacher(small_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of a float network."""
    model = small_config.model.model_copy(update={"precision": "float"})
    output = tmp_path_factory.mktemp("teacher") / "run"
    train(small_config.model_copy(update={"model": model, "steps": 20}), output)
    return output


def recipe(config: TrainConfig, **changes: object) -> TrainConfig:
    return TrainConfig.model_validate({**config.model_dump(), **changes})


def everything(config: TrainConfig, teacher: Path) -> TrainConfig:
    """All options of the recipe at once."""
    scales = {"weight_scales": "learned", "weight_scales_per": "channel"}
    return recipe(
        config,
        model={**config.model.model_dump(), **scales},
        bit_penalty=0.25,
        target_bits=4.0,
        init_from=teacher,
        teacher={"run": teacher, "weight": 0.3},
        average=0.9,
        batch_norm_batches=2,
        width_gradient="interpolated",
        width_momentum=0.95,
        scale_learning_rate=1e-3,
        steps=40,
        save_every=10,
        validate_every=10,
    )
