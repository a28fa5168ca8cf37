# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

from quantunet.checkpoint import load_checkpoint, read_description
from quantunet.checkpoints import DEMO
from quantunet.cli import eval_main, export_main, train_main
from quantunet.config import read_train_config
from quantunet.data_config import BusiConfig, LggConfig
from quantunet.train import TrainingResult as Trained
from tests.quantunet.data.look_alikes import draw_busi, draw_lgg
from tests.quantunet.foreign.miniatures import Milesial, as_trained


def call(command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def train_quickly(pairs_folder: Path, output: Path, *more: object) -> Result:
    size = ("--image-size", "16x24", "--depth", 2, "--base-width", 2, "--steps", 3)
    return call(train_main, "--data", pairs_folder, "--output", output, *size, *more)


def test_train_then_eval_then_export(pairs_folder: Path, tmp_path: Path) -> None:
    done = train_quickly(pairs_folder, tmp_path / "run", "--decoder", "upsample", "--seed", 4)
    assert done.exit_code == 0, done.output
    best = Path(done.stdout.splitlines()[-1])
    assert "step 3/3" in done.stderr
    assert "Dice" in done.stdout

    shown = call(eval_main, best, "--json", tmp_path / "figures.json")
    assert shown.exit_code == 0, shown.output
    for word in ("Dice", "IoU", "pixel accuracy", "mean bits per weight", "float32", "decoder.0.conv2"):
        assert word in shown.stdout
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert {
        "dice",
        "iou",
        "pixel_accuracy",
        "layers",
        "mean_weight_bits_per_layer",
        "compression",
    } <= figures.keys()
    assert figures["dice"] == read_description(best).metrics["validation"]["dice"]
    printed = call(eval_main, best, "--json", "-")
    assert json.loads(printed.stdout) == figures

    exported = call(export_main, best, "--output", tmp_path / "net.onnx", "--frames", 2)
    assert exported.exit_code == 0, exported.output
    assert [Path(line).name for line in exported.stdout.splitlines()] == [
        "net.onnx",
        "net.input.npy",
        "net.expected.npy",
    ]
    images, logits = (np.load(tmp_path / f"net.{name}.npy") for name in ("input", "expected"))
    assert images.shape == (2, 1, 16, 24)
    with torch.no_grad():
        assert np.array_equal(load_checkpoint(best)(torch.from_numpy(images)).numpy(), logits)


def test_training_from_a_file_of_another_project(pairs_folder: Path, tmp_path: Path) -> None:
    """The options that the refusal names are those that it takes."""
    torch.save(as_trained(Milesial()).state_dict(), tmp_path / "net.pth")
    refused = train_quickly(pairs_folder, tmp_path / "run", "--init", tmp_path / "net.pth")
    assert refused.exit_code == 2
    assert "base width 4, transposed convolutions" in refused.stderr
    assert "Train with --base-width 4 (keys of `model` in a configuration)." in refused.stderr
    assert not (tmp_path / "run").exists()
    done = train_quickly(pairs_folder, tmp_path / "run", "--init", tmp_path / "net.pth", "--base-width", 4)
    assert done.exit_code == 0, done.output
    assert "starts from net.pth (milesial/Pytorch-UNet): 13 convolutions taken" in done.stderr


def test_eval_on_other_images_uses_all_of_them(trained: Trained, pairs_folder: Path) -> None:
    shown = call(eval_main, trained.checkpoint, "--data", pairs_folder, "--json", "-")
    assert json.loads(shown.stdout)["images"] == 12


def test_training_on_busi_and_measuring_the_test_part(tmp_path: Path) -> None:
    busi = draw_busi(tmp_path)
    done = train_quickly(busi, tmp_path / "run", "--data-kind", "busi", "--test-fraction", 0.2)
    assert done.exit_code == 0, done.output
    best = Path(done.stdout.splitlines()[-1])
    description = read_description(best)
    assert description.data == BusiConfig(path=busi, test_fraction=0.2)
    for part, images in (("validation", 3), ("test", 3), ("train", 9)):
        measured = json.loads(call(eval_main, best, "--part", part, "--json", "-").stdout)
        assert (measured["images"], measured["data"]) == (images, f"{part} split of {busi}")
        assert measured["part"] == part
        assert len(measured["per_image"]) == images
        mean = sum(image["hausdorff95"] for image in measured["per_image"]) / images
        assert measured["mean_of_images"]["hausdorff95"] == pytest.approx(mean)
        said = " ".join(call(eval_main, best, "--part", part).stdout.split())  # lines break where the path is long
        assert {"validation": "chose the checkpoint", "test": "saw these images", "train": "trained on"}[part] in said
        if part != "test":  # nothing of the training has seen those
            assert measured["dice"] == description.metrics[part]["dice"]
    assert "test" not in description.metrics


def test_training_on_lgg_with_its_three_sequences_and_stronger_augmentation(tmp_path: Path) -> None:
    lgg = draw_lgg(tmp_path)
    settings = tmp_path / "lgg.yaml"
    settings.write_text("augment: {rotate: 30, elastic: 1}\nmodel: {in_channels: 3}\n")
    done = train_quickly(lgg, tmp_path / "run", "--data-kind", "lgg", "--config", settings)
    assert done.exit_code == 0, done.output
    best = Path(done.stdout.splitlines()[-1])
    model = load_checkpoint(best)
    assert model.config.in_channels == 3
    assert model.data == LggConfig(path=lgg)
    refused = call(eval_main, best, "--part", "test")
    assert refused.exit_code == 2
    assert "without a test part" in refused.stderr


def test_what_was_left_out_of_the_data_is_said(tmp_path: Path) -> None:
    busi = draw_busi(tmp_path)
    (busi / "benign" / "notes.txt").write_text("x")
    script = "import sys; from quantunet.cli import train_main; train_main(sys.argv[1:])"
    options = ["--data", str(busi), "--data-kind", "busi", "--output", str(tmp_path / "run"), "--steps", "1"]
    options += ["--image-size", "16", "--depth", "1", "--base-width", "1"]
    command = [sys.executable, "-c", script, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "busi data: 1 files are no images of BUSI and were ignored: benign/notes.txt" in done.stderr


def test_what_is_wrong_is_said_in_one_message_with_status_2(
    trained: Trained, pairs_folder: Path, tmp_path: Path
) -> None:
    wrong_yaml = tmp_path / "wrong.yaml"
    wrong_yaml.write_text("stepz: 3")
    text = tmp_path / "text.pt"
    text.write_text("no network")
    fresh = tmp_path / "fresh"
    calls = [
        (call(train_main, "--config", wrong_yaml, "--output", fresh), "stepz"),
        (call(train_main, "--config", tmp_path / "none.yaml", "--output", fresh), "none.yaml"),
        (call(train_main, "--image-size", "60x64", "--output", fresh), "60 is not a multiple of 2^depth = 16"),
        (call(train_main, "--image-size", "big", "--output", fresh), "not HEIGHTxWIDTH"),
        (call(train_main, "--steps", 0, "--output", fresh), "steps"),
        (call(train_main, "--data", tmp_path / "none", "--output", fresh), "none: is not a folder"),
        (call(train_main, "--data", tmp_path, "--data-kind", "busi", "--output", fresh), "none of the folders benign"),
        (call(train_main, "--data", tmp_path, "--data-kind", "lgg", "--output", fresh), "TCGA_CS_4941"),
        (call(train_main, "--data", tmp_path, "--data-kind", "volumes", "--output", fresh), "no volume lies at"),
        (call(train_main, "--data", tmp_path, "--data-kind", "pyradiomics", "--output", fresh), "pip download"),
        (call(train_main, "--resume", "--output", tmp_path / "fresh2"), "no training to resume"),
        (train_quickly(pairs_folder, trained.checkpoint.parent), "already in use"),
        (call(train_main), "--output"),
        (call(eval_main, tmp_path / "none"), "there is no checkpoint here"),
        (call(eval_main, text), "text.pt"),
        (call(eval_main, trained.checkpoint, "--data", tmp_path), "no image lies at images/{case}"),
        (call(eval_main, trained.checkpoint, "--data", pairs_folder, "--part", "test"), "has no parts"),
        (call(eval_main, trained.checkpoint, "--json", wrong_yaml / "x.json"), "x.json: the file cannot be written"),
        (call(export_main, tmp_path, "--output", "a.onnx"), "not a checkpoint"),
        (call(export_main, trained.checkpoint, "--output", tmp_path / "a.txt"), "ends in .onnx"),
        (call(export_main, trained.checkpoint, "--output", wrong_yaml / "a.onnx"), "cannot be written"),
    ]
    for result, said in calls:
        assert result.exit_code == 2, result.output
        assert said in result.stderr, result.output
        assert "Traceback" not in result.output
        assert isinstance(result.exception, SystemExit)


def test_one_configuration_trains_float_and_fixed_widths(pairs_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("model: {precision: fixed, bits: 3}\n")
    for name, options, bits in (("fixed", (), 3), ("float", ("--precision", "float"), 32)):
        done = train_quickly(pairs_folder, tmp_path / name, "--config", file, "--device", "cpu", *options)
        assert done.exit_code == 0, done.output
        figures = json.loads(call(eval_main, tmp_path / name, "--json", "-").stdout)
        assert figures["mean_weight_bits_per_layer"] == figures["mean_activation_bits"] == bits
        assert {layer["weight_bits"] for layer in figures["layers"]} == {bits}
    refused = call(export_main, tmp_path / "float", "--output", tmp_path / "a.onnx")
    assert refused.exit_code == 2
    assert "float network" in refused.stderr and "precision learned or fixed" in refused.stderr
    assert call(export_main, tmp_path / "fixed", "--output", tmp_path / "a.onnx").exit_code == 0


def test_unusable_data_leaves_no_run_behind(tmp_path: Path) -> None:
    result = call(train_main, "--data", tmp_path / "none", "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["cli.train_main", "cli.eval_main", "cli.export_main", "cli_data.data_main"])
def test_help_shows_an_example_and_does_not_load_torch(command: str) -> None:
    module, name = command.split(".")
    script = (
        f"import sys; from quantunet.{module} import {name} as c; c(['--help'], standalone_mode=False); "
        "assert 'torch' not in sys.modules and 'brevitas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Examples:\n    qu-" in done.stdout


@pytest.mark.parametrize("name", ["demo", "reference"])
def test_a_network_of_the_repository_is_what_its_description_says(name: str) -> None:
    checkpoint = DEMO.parent / name
    description = read_description(checkpoint)
    model = load_checkpoint(checkpoint)
    assert len(model.layers()) == 23
    assert len({description.widths[layer.name] for layer in model.layers()}) > 2
    assert description.training is not None
    assert description.training.command.startswith(f"qu-train --config build_configs/train_{name}.yaml")
    settings = Path(__file__).parents[2] / "build_configs" / f"train_{name}.yaml"
    assert description.training.settings == read_train_config(settings, {})
    named = () if name == "demo" else (checkpoint,)  # the demo is the default
    measured = json.loads(call(eval_main, *named, "--json", "-").stdout)
    for figure in ("dice", "iou", "pixel_accuracy"):
        assert measured[figure] == pytest.approx(description.metrics["validation"][figure], abs=1e-4)
    assert measured["dice"] > 0.9
