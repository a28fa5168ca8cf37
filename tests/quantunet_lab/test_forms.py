# SPDX-License-Identifier: BSD-3-Clause
"""A network measured as checkpoint, as QONNX file and as simulated hardware: the same figures, to the last digit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result

from hw_flows.finn_environment import prepare_finn
from quantunet.checkpoint import load_checkpoint
from quantunet.cli import export_main
from quantunet.exact import exact_logits
from quantunet_lab.cli import eval_main
from quantunet_lab.experiment.config import Hardware
from quantunet_lab.experiment.runs import runs_of
from quantunet_lab.experiment.work import estimate_run
from quantunet_lab.forms import qonnx_logits
from tests.hw_flows.conftest import FINN_FOLDER
from tests.quantunet_lab.conftest import Finished

prepare_finn(FINN_FOLDER)

SCORES = ("dice", "iou", "pixel_accuracy", "images")


def call(command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def figures(*arguments: object) -> dict[str, float]:
    done = call(eval_main, *arguments, "--json", "-")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    return {name: told[name] for name in SCORES}


@dataclass(frozen=True)
class Forms:
    checkpoint: Path
    onnx: Path
    build: Path


@pytest.fixture(scope="module")
def forms(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Forms:
    """The learned network of seed 0, exported and built up to its verification."""
    from hw_flows.build import build
    from hw_flows.config import load_config

    folder = tmp_path_factory.mktemp("forms")
    run = next(run for run in runs_of(finished.config, finished.output) if run.variant == "learned")
    best = run.training / "best"
    done = call(export_main, best, "--output", folder / "net.onnx")
    assert done.exit_code == 0, done.output
    values = {"model": best, "output_dir": folder / "build", "flow": "none", "target_fps": 20_000, "frames": 1}
    result = build(load_config(None, {**values, "stop_step": "step_stitch", "jobs": 1}))
    assert result.ok, result.failures
    return Forms(best, folder / "net.onnx", folder / "build")


def test_all_forms_have_the_same_scores_to_the_last_digit(forms: Forms) -> None:
    checkpoint = figures(forms.checkpoint)
    assert 0 < checkpoint["dice"] < 1, "a network that is right or wrong everywhere shows little"
    assert figures(forms.checkpoint, "--onnx", forms.onnx) == checkpoint
    assert figures(forms.checkpoint, "--build", forms.build) == checkpoint


def test_a_file_that_names_code_is_refused_before_anything_reads_it(forms: Forms, tmp_path: Path) -> None:
    model = onnx.load(forms.onnx)
    model.graph.node[0].domain = "antigravity"
    onnx.save(model, tmp_path / "hostile.onnx")
    done = call(eval_main, forms.checkpoint, "--onnx", tmp_path / "hostile.onnx")
    assert done.exit_code == 2
    assert "domain 'antigravity' is not known here" in done.stderr


def test_answers_of_any_origin_can_be_measured(forms: Forms, tmp_path: Path) -> None:
    images, answers = tmp_path / "images.npy", tmp_path / "logits.npy"
    assert call(eval_main, forms.checkpoint, "--images-to", images).exit_code == 0
    given = np.load(images)
    assert (given.dtype, given.shape[1:]) == (np.float32, (1, 16, 16))
    np.save(answers, np.full(given.shape, -1.0))  # nothing found
    assert figures(forms.checkpoint, "--logits", answers)["dice"] == 0.0
    np.save(answers, np.full(given.shape, np.nan))
    refused = call(eval_main, forms.checkpoint, "--logits", answers)
    assert (refused.exit_code, "not finite logits" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--onnx", "none.onnx"), "none.onnx: the file cannot be read (No such file or directory)"),
        (("--build", "none"), "is not a finished build"),
        (("--onnx", "a.onnx", "--build", "b"), "exclude each other"),
        (("--onnx", __file__), "the file is not a readable ONNX model"),
    ],
)
def test_what_cannot_be_measured_is_said(forms: Forms, arguments: tuple[str, ...], said: str) -> None:
    done = call(eval_main, forms.checkpoint, *arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_the_hardware_of_a_run_is_estimated_by_the_flows_cost_models(finished: Finished) -> None:
    run = next(run for run in runs_of(finished.config, finished.output) if run.variant == "learned")
    found = estimate_run(run, Hardware(board="pynq-z2", target_fps=5000))
    total = json.loads((run.folder / "build" / "report" / "estimate.json").read_text())["total"]
    assert (found.lut, found.dsp) == (total["LUT"], total["DSP"])
    assert found.fps >= 5000
    assert run.hardware() == found


def test_checkpoint_and_qonnx_agree_to_the_rounding_of_float64(forms: Forms) -> None:
    model = load_checkpoint(forms.checkpoint)
    images = np.random.default_rng(0).integers(0, 256, (2, *model.input_shape)).astype(np.float32) / np.float32(255)
    of_file = qonnx_logits(forms.onnx, images)
    # In float32, or with scales of float64, they are no closer than 1e-7.
    np.testing.assert_allclose(exact_logits(model, images), of_file, rtol=0, atol=1e-12)
