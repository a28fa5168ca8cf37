# SPDX-License-Identifier: BSD-3-Clause
"""Networks that are only calibrated: what a build takes in place of a trained one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from quantunet.checkpoint import load_checkpoint, read_description
from quantunet.cli import train_main
from quantunet.config import ModelConfig
from quantunet.untrained import WIDTHS, untrained_network

SMALL = ModelConfig(base_width=2, depth=1, image_size=(8, 8))


def test_it_has_the_widths_in_turn_and_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((3, 1, 8, 8), dtype=np.float32)
    first, again, other = (untrained_network(SMALL, images, seed).state_dict() for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)


def test_the_command_writes_a_checkpoint_where_a_training_would(tmp_path: Path) -> None:
    options = ["--base-width", "2", "--depth", "1", "--image-size", "16", "--config", "train_demo", "--untrained"]
    run = CliRunner().invoke(train_main, [*options, "--output", str(tmp_path / "run")], catch_exceptions=False)
    assert run.exit_code == 0 and "UNTRAINED" in run.output
    description = read_description(tmp_path / "run")
    assert "untrained" in description.metrics and description.data is not None and description.training is None
    assert list(description.widths.values())[:4] == list(WIDTHS)
    assert load_checkpoint(tmp_path / "run").config.base_width == 2


@pytest.mark.parametrize(
    ("more", "told"), [(["--resume"], "goes on with a training"), (["--precision", "float"], "no hardware")]
)
def test_what_makes_no_sense_with_it_is_told(more: list[str], told: str, tmp_path: Path) -> None:
    options = ["--config", "train_demo", "--untrained", "--output", str(tmp_path / "run"), *more]
    run = CliRunner().invoke(train_main, options)
    assert run.exit_code == 2 and told in run.output
