from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quantunet.config import FolderConfig, ModelConfig, TrainConfig, parse_config, read_train_config
from quantunet.errors import QuantUNetError


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
    config = read_train_config(Path(__file__).parents[2] / "build_configs" / "train_demo.yaml", {})
    assert (config.model.depth, config.model.decoder) == (4, "transpose")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stepz: 3", "stepz"),
        ("steps: 0", "steps"),
        ("model: {decoder: bilinear}", "model.decoder"),
        ("model: {depth: 4, image_size: [64, 60]}", "image width 60 does not divide by 2^depth = 16"),
        ("data: {kind: kaggle}", "data"),
        ("model: {precision: fixed}", "add `bits`, 2 to 8"),
        ("model: {precision: fixed, bits: 9}", "model.bits"),
        ("model: {precision: float, bits: 4}", "means nothing with precision: float"),
        ("mixed_precision: true", "would change the values of a network of precision learned"),
        ("device: tpu", "device"),
        ("bit_terms: {luts: 1}", "bit_terms.luts"),
        ("data: {kind: folder}", "path"),
        ("- 1\n- 2", "no settings"),
        ("a: [1", "YAML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(QuantUNetError, match=r"a\.yaml") as caught:
        read_train_config(written(tmp_path / "a.yaml", text), {})
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuantUNetError, match=r"none\.yaml.*cannot be read"):
        read_train_config(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("values", [{"depth": 9}, {"base_width": 0}, {"image_size": [8]}, {"image_size": [0, 0]}])
def test_a_network_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(QuantUNetError):
        parse_config(ModelConfig, values, "here")


def test_settings_survive_json() -> None:
    config = TrainConfig(data=FolderConfig(path=Path("x"), group_separator="_"))
    assert TrainConfig.model_validate_json(config.model_dump_json()) == config
