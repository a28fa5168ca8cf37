# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quantunet_common.errors import UserError
from quantunet_lab.experiment.config import read_experiment_config
from tests.quantunet_lab.conftest import write_experiment

CONFIGS = Path(__file__).parents[3] / "build_configs"


def test_a_variant_is_laid_over_the_shared_settings(discs: Path, tmp_path: Path) -> None:
    file = write_experiment(tmp_path, discs, variants={"float": {"model": {"precision": "float"}}, "learned": {}})
    config = read_experiment_config(file)
    run = config.training("float", 1)
    assert (run.model.precision, run.model.depth, run.seed, run.steps) == ("float", 1, 1, 30)
    assert config.training("learned", 0).model.precision == "learned"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"seeds": [1, 1]}, "none twice"),
        ({"seeds": []}, "at least one seed"),
        ({"variants": {}}, "at least one variant"),
        ({"variants": {"../up": {}}}, "name of a folder"),
        ({"variants": {"float": {}, "learned": {"seed": 3}}}, "seeds"),
        ({"variants": {"float": {}, "learned": {"stepz": 3}}}, "stepz"),
        ({"variants": {"learned": {}}}, "there is no variant float"),
        ({"goal": {"mean_bitz": 4}}, "mean_bitz"),
        ({"cluster": {"kind": "moon"}}, "cluster"),
        ({"train": "none.yaml"}, "none.yaml"),
    ],
)
def test_a_wrong_setting_is_named(discs: Path, tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_experiment_config(write_experiment(tmp_path, discs, **settings))


def test_the_experiment_of_the_repository_can_be_read() -> None:
    config = read_experiment_config(CONFIGS / "experiment_icbm152.yaml")
    assert config.goal is not None
    assert config.goal.seeds == len(config.seeds) == 3
    assert list(config.variants)[:3] == [config.goal.baseline, config.goal.learned, config.goal.fixed]
    precisions = {name: config.training(name, 0).model for name in config.variants}
    assert precisions["float"].precision == "float"
    assert {precisions[f"fixed-{bits}"].bits for bits in (4, 6, 8)} == {4, 6, 8}
