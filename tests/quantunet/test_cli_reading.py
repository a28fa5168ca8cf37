# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from quantunet.checkpoint import load_checkpoint, save_checkpoint
from quantunet.cli import eval_main, train_main
from quantunet.cli_data import data_main
from quantunet.cli_reading import folder_like, read_with
from quantunet.config import FolderConfig
from quantunet.data_config import BusiConfig, Icbm152Config, VolumesConfig
from quantunet.train import TrainingResult as Trained
from tests.quantunet.conftest import draw_pairs
from tests.quantunet.refusal import refused


def call(*arguments: object, command: object = data_main) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])  # type: ignore[arg-type]


def draw_discs_of(folder: Path, value: int, border: int) -> Path:
    """Masks of the value in the disc and another one around, named like those of ISIC."""
    draw_pairs(folder, 6, size=(16, 16))
    for file in list((folder / "masks").iterdir()):
        inside = np.asarray(Image.open(file)) > 0
        Image.fromarray(np.where(inside, value, border).astype(np.uint8)).save(file)
        file.rename(file.with_stem(f"{file.stem}_segmentation"))
    return folder


def test_patterns_and_labels_are_options(tmp_path: Path) -> None:
    data = draw_discs_of(tmp_path / "data", 128, 255)
    options = ("--data", data, "--mask", "masks/{case}_segmentation", "--image-size", "16x16", "--json")
    refused = call(*options)
    assert refused.exit_code == 2
    assert "2 values: 128" in refused.stderr and "--labels" in refused.stderr
    counts = json.loads(call(*options, "--labels", "128").stdout)["parts"]["train"]
    inverse = json.loads(call(*options, "--labels", "255").stdout)["parts"]["train"]
    assert counts["marked_pixels"] + inverse["marked_pixels"] == pytest.approx(1)
    ignored = json.loads(call(*options, "--labels", "128", "--ignore", "255").stdout)["parts"]["train"]
    assert ignored["ignored_pixels"] == inverse["marked_pixels"]
    assert json.loads(call(*options, "--threshold", "200").stdout)["parts"]["train"] == inverse
    assert json.loads(call(*options, "--labels", "nonzero").stdout)["parts"]["train"]["marked_pixels"] == 1


def test_options_lie_over_a_file(tmp_path: Path) -> None:
    data = draw_discs_of(tmp_path / "data", 128, 0)
    file = tmp_path / "a.yaml"
    file.write_text(f"data: {{path: {data}, kind: folder, labels: [7], mask: 'masks/{{case}}_segmentation'}}\n")
    assert "data.labels are [7]" in call("--config", file).stderr
    assert call("--config", file, "--labels", "128").exit_code == 0


def test_options_without_data_say_nothing() -> None:
    refused = call("--labels", "1")
    assert refused.exit_code == 2 and "--labels: says nothing without --data" in refused.stderr


def test_a_network_is_measured_on_a_folder_that_is_read_as_its_own(trained: Trained, tmp_path: Path) -> None:
    data = draw_discs_of(tmp_path / "data", 128, 255)
    model = load_checkpoint(trained.checkpoint)
    model.data = FolderConfig(path=data, mask="masks/{case}_segmentation", labels=(128,))
    save_checkpoint(tmp_path / "checkpoint", model)
    of_its_own = call(tmp_path / "checkpoint", "--data", data, "--json", "-", command=eval_main)
    assert of_its_own.exit_code == 0, of_its_own.output
    named = call(
        trained.checkpoint,
        "--data",
        data,
        "--mask",
        "masks/{case}_segmentation",
        "--labels",
        "128",
        "--json",
        "-",
        command=eval_main,
    )
    assert json.loads(named.stdout)["dice"] == json.loads(of_its_own.stdout)["dice"]
    other = call(tmp_path / "checkpoint", "--data", data, "--labels", "255", "--json", "-", command=eval_main)
    assert json.loads(other.stdout)["dice"] != json.loads(of_its_own.stdout)["dice"]
    nowhere = call(tmp_path / "checkpoint", "--data", data, "--labels", "7", command=eval_main)
    assert nowhere.exit_code == 2
    assert "values in the masks: 128, 255, data.labels are [7]" in nowhere.stderr


def test_a_network_is_trained_without_what_nobody_labelled(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = draw_discs_of(tmp_path / "data", 128, 0)
    for file in (data / "masks").iterdir():
        mask = np.array(Image.open(file))
        mask[:3] = 255
        Image.fromarray(mask).save(file)
    size = ("--image-size", "16x16", "--base-width", 2, "--depth", 2, "--steps", 2)
    reading = ("--mask", "masks/{case}_segmentation", "--labels", "128", "--ignore", "255")
    done = call("--data", data, *size, *reading, "--output", tmp_path / "run", command=train_main)
    assert done.exit_code == 0, done.output
    assert "folder data: the masks hold 3 values" in caplog.text and "the target is 128, 255 left out" in caplog.text
    best = tmp_path / "run" / "best"
    model = load_checkpoint(best)
    assert isinstance(model.data, FolderConfig) and model.data.ignore == (255,)
    measured = json.loads(call(best, "--json", "-", command=eval_main).stdout)
    assert 0 <= measured["dice"] <= 1
    folder = json.loads(call(best, "--data", data, "--json", "-", command=eval_main).stdout)
    assert folder["images"] == 6


def test_settings_replace_those_of_the_training() -> None:
    soft = FolderConfig(path=Path("a"), threshold=128, images=("scans/{case}",))
    assert folder_like(soft, Path("b"), {}) == soft.model_copy(update={"path": Path("b")})
    chosen = folder_like(soft, Path("b"), {"labels": ["1"]})
    assert (chosen.labels, chosen.threshold, chosen.images) == ((1,), None, ("scans/{case}",))
    assert folder_like(BusiConfig(path=Path("a")), Path("b"), {}) == FolderConfig(path=Path("b"))
    volumes = VolumesConfig(path=Path("a"), axis=1)
    assert read_with(volumes, {"labels": "nonzero"}) == volumes.model_copy(update={"labels": "nonzero"})
    assert read_with(volumes, {}) is volumes
    with refused("--labels: mean nothing for data of kind icbm152"):
        read_with(Icbm152Config(), {"labels": [1]})


def test_volumes_of_an_older_checkpoint_keep_all_but_0_as_their_target(trained: Trained, tmp_path: Path) -> None:
    model = load_checkpoint(trained.checkpoint)
    for labels, meant in ((None, "nonzero"), ((2,), (2,))):
        model.data = VolumesConfig(path=Path("scans"), labels=labels)
        save_checkpoint(tmp_path / "checkpoint", model)
        data = load_checkpoint(tmp_path / "checkpoint").data
        assert isinstance(data, VolumesConfig) and data.labels == meant
