# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quantunet.config import FolderConfig, ModelConfig, TrainConfig, parse_config, read_train_config
from quantunet.data_config import AugmentConfig
from quantunet_common.errors import UserError
from tests.quantunet.refusal import refused

BUILD_CONFIGS = Path(__file__).parents[2] / "build_configs"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_options_lie_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path / "a.yaml", "model: {depth: 2, base_width: 3}\nsteps: 7\n")
    config = read_train_config(file, {"model": {"depth": 1}, "seed": 5})
    assert (config.model.depth, config.model.base_width, config.steps, config.seed) == (1, 3, 7, 5)


def test_another_kind_of_data_replaces_the_settings_of_the_first(tmp_path: Path) -> None:
    file = written(tmp_path / "a.yaml", "data: {kind: icbm152, block: 9}\n")
    config = read_train_config(file, {"data": {"kind": "folder", "path": "x"}})
    assert config.data == FolderConfig(path=Path("x"))


def test_the_demo_configuration_is_valid_and_has_23_convolutions() -> None:
    config = read_train_config(BUILD_CONFIGS / "train_demo.yaml", {})
    assert (config.model.depth, config.model.decoder) == (4, "transpose")


@pytest.mark.parametrize("file", sorted(BUILD_CONFIGS.glob("train_*.yaml")), ids=lambda file: file.stem)
def test_the_configurations_of_trainings_are_valid(file: Path) -> None:
    config = read_train_config(file, {})
    assert f"qu-train --config build_configs/{file.name}" in file.read_text()
    assert config.model.image_size[0] >= 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stepz: 3", "stepz"),
        ("steps: 0", "steps"),
        ("model: {decoder: bilinear}", "model.decoder"),
        ("model: {depth: 4, image_size: [64, 60]}", "image width 60 is not a multiple of 2^depth = 16"),
        ("data: {kind: kaggle}", "data"),
        ("model: {precision: fixed}", "add `bits`, 2 to 8"),
        ("model: {precision: fixed, bits: 9}", "model.bits"),
        ("model: {precision: float, bits: 4}", "has no effect with precision: float"),
        ("mixed_precision: true", "would change the values of a network of precision learned"),
        ("device: tpu", "device"),
        ("bit_terms: {luts: 1}", "bit_terms.luts"),
        ("data: {kind: folder}", "path"),
        ("data: {kind: busi, path: x, classes: [cyst]}", "data.busi.classes"),
        ("data: {kind: busi, path: x, classes: []}", "data.busi.classes"),
        ("data: {kind: lgg, path: x, sequence: t2}", "data.lgg.sequence"),
        ("data: {kind: lgg, path: x, validation_fraction: 0.6, test_fraction: 0.4}", "leave nothing for training"),
        ("data: {kind: lgg, path: x, folds: 5, fold: 5}", "fold 5 is not one of the 5 folds 0 to 4"),
        ("data: {kind: lgg, path: x, fold: 1}", "has no effect without folds"),
        ("data: {kind: volumes, path: x, mask: masks/seg}", "'masks/seg' lacks {case}"),
        ("data: {kind: volumes, path: x, images: ['{case}'], mask: '{case}'}", "different files"),
        ("data: {kind: volumes, path: x, window: [400, -1000]}", "is not [lower, upper]"),
        ("data: {kind: icbm152, validation_every: 2, test_part: true}", "test_part needs validation_every"),
        ("augment: {rotate: 200}", "augment"),
        ("augment: {rotat: 20}", "rotat"),
        ("- 1\n- 2", "no settings"),
        ("a: [1", "YAML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with refused(r"a\.yaml") as caught:
        read_train_config(written(tmp_path / "a.yaml", text), {})
    assert said in str(caught.value)


def test_augmentation_is_on_off_or_described(tmp_path: Path) -> None:
    for text, expected in (
        ("augment: true", True),
        ("augment: false", False),
        ("augment: {rotate: 30}", AugmentConfig(rotate=30)),
    ):
        config = read_train_config(written(tmp_path / "a.yaml", text), {})
        assert config.augment == expected
        assert TrainConfig.model_validate_json(config.model_dump_json()) == config


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with refused(r"none\.yaml.*cannot be read"):
        read_train_config(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("values", [{"depth": 9}, {"base_width": 0}, {"image_size": [8]}, {"image_size": [0, 0]}])
def test_a_network_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        parse_config(ModelConfig, values, "here")


def test_settings_survive_json() -> None:
    config = TrainConfig(data=FolderConfig(path=Path("x"), group_separator="_"))
    assert TrainConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    "model", [{"image_size": [8192, 4096]}, {"base_width": 256, "depth": 6, "image_size": [64, 64]}]
)
def test_a_network_that_no_machine_holds_is_refused(model: dict[str, object]) -> None:
    with refused("more than"):
        parse_config(ModelConfig, model, "here")


@pytest.mark.parametrize("model", [{}, {"decoder": "upsample", "depth": 2, "in_channels": 3, "out_channels": 2}])
def test_the_number_of_weights_is_that_of_the_network(model: dict[str, Any]) -> None:
    from quantunet.model import QuantUNet

    config = ModelConfig.model_validate(model)
    assert config.weights == sum(layer.convolution.weight.numel() for layer in QuantUNet(config).layers())


@pytest.mark.parametrize(
    "text", ["seed: !!timestamp abc", "seed: 2024-99-99", "steps: !!python/name:os.system", "a: " + "[" * 9999]
)
def test_odd_yaml_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    with refused(r"odd\.yaml"):
        read_train_config(tmp_path / "odd.yaml", {})
