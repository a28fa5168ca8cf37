# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from quantunet.checkpoint import load_checkpoint
from quantunet.data import load_data
from quantunet.exact import exact_network
from quantunet.metrics import evaluate
from quantunet_common.errors import UserError
from quantunet_lab.cli import eval_main, experiment_main
from quantunet_lab.experiment.config import Hardware, read_experiment_config
from quantunet_lab.experiment.page import write_page
from quantunet_lab.experiment.runs import HARDWARE, HardwareEstimate, runs_of
from quantunet_lab.experiment.sweep import compute
from tests.quantunet_lab.conftest import Finished, write_experiment


def test_the_figures_are_those_of_the_checkpoints(finished: Finished) -> None:
    page = write_page(finished.config, finished.output)
    figures = json.loads((finished.output / "report" / "figures.json").read_text())
    for run in runs_of(finished.config, finished.output):
        told = figures["variants"][run.variant][str(run.seed)]
        model = load_checkpoint(run.training / "best")
        pairs = load_data(run.settings.data, run.settings.model).validation
        measured = evaluate(exact_network(model), pairs, batch_size=1)
        assert (told["dice"], told["pixel_accuracy"], told["iou"]) == (
            measured.dice,
            measured.pixel_accuracy,
            measured.iou,
        )
        assert told["mean_bits_per_weight"] == 32.0 or run.variant == "learned"
    assert page.missing == ()
    assert [check["condition"] for check in figures["goal"]] == [check.condition for check in page.checks]


def test_the_page_stands_alone_and_shows_what_is_asked(finished: Finished) -> None:
    html = write_page(finished.config, finished.output).html.read_text()
    results = [run.result() for run in runs_of(finished.config, finished.output) if run.variant == "learned"]
    mean = sum(100 * result.dice for result in results if result) / 2
    assert f"{mean:.2f} ±" in html
    assert "http" not in html.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )
    for words in ("worst case of learned", "median case of learned", "94.25", "Not comparable", "<svg", "Goal"):
        assert words in html
    assert html.count("data:image/png") == 2 * 4  # image, mask, learned, float


def test_the_page_for_documentation_holds_no_image_of_the_data(finished: Finished) -> None:
    write_page(finished.config, finished.output)
    report = finished.output / "report"
    text = (report / "experiment.md").read_text()
    assert "![dice_bits.svg](dice_bits.svg)" in text
    assert "data:image" not in text
    assert "<image" not in (report / "dice_bits.svg").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| learned |")]
    heading = next(line for line in text.splitlines() if line.startswith("| variant |"))
    assert len(rows) == 1
    assert rows[0].count("|") == heading.count("|")


def test_runs_that_are_not_done_are_named(finished: Finished, discs: Path, tmp_path: Path) -> None:
    file = write_experiment(tmp_path, discs, seeds=[0, 1, 2])
    page = write_page(read_experiment_config(file), finished.output)
    assert page.missing == ("float seed 2", "learned seed 2")
    assert "learned seed 2: not finished" in page.html.read_text()
    with pytest.raises(UserError, match="no run is done yet"):
        write_page(read_experiment_config(file), tmp_path / "fresh")


def test_estimates_that_are_not_asked_for_are_left_out(finished: Finished, tmp_path: Path) -> None:
    output = shutil.copytree(finished.output, tmp_path / "output")
    estimate = HardwareEstimate(board="b", target_fps=1, fps=1, lut=1234, ff=1, bram36=1, dsp=1)
    (output / "runs" / "learned" / "seed-0" / HARDWARE).write_text(estimate.model_dump_json())
    assert "1234" not in write_page(finished.config, output).html.read_text()
    asked = finished.config.model_copy(update={"hardware": Hardware()})
    assert "1234" in write_page(asked, output).html.read_text()


def test_the_command_says_what_holds_and_ends_with_it(finished: Finished, discs: Path, tmp_path: Path) -> None:
    arguments = ["--page-only", "--output", str(finished.output), "--config"]
    easy = {"seeds": 2, "dice_points": 100, "accuracy_points": 100, "mean_bits": 8, "size_ratio": 1}
    done = CliRunner().invoke(experiment_main, [*arguments, str(write_experiment(tmp_path, discs, goal=easy))])
    assert done.exit_code == 0, done.output
    assert done.stdout.count("pass: ") == 6
    assert done.stdout.splitlines()[-1] == str(finished.output / "report" / "index.html")
    hard = {**easy, "mean_bits": 0.5}
    done = CliRunner().invoke(experiment_main, [*arguments, str(write_experiment(tmp_path, discs, goal=hard))])
    assert done.exit_code == 1
    assert done.stdout.count("FAIL: ") == 2


def test_with_a_test_part_every_score_is_of_it(discs: Path, tmp_path: Path) -> None:
    """One training of a few steps: the page says which images its scores are of."""
    variants = {"learned": {"steps": 4, "data": {"test_fraction": 0.3}}}
    config = read_experiment_config(write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None))
    assert compute(config, tmp_path / "out", lambda line: None) == {}
    (run,) = runs_of(config, tmp_path / "out")
    result, split = run.result(), load_data(run.settings.data, run.settings.model)
    assert result is not None and split.test is not None
    assert result.part == "test"
    assert [image.name for image in result.cases] == list(split.test.names)
    text = write_page(config, tmp_path / "out").html.read_text()
    assert f"{len(split.test)} images of the test part" in text
    assert "neither the training nor that choice saw" in text


def test_two_checkpoints_are_compared_image_by_image(finished: Finished) -> None:
    runs = {run.name: run.training / "best" for run in runs_of(finished.config, finished.output)}
    done = CliRunner().invoke(eval_main, [str(runs["learned seed 0"]), "--against", str(runs["float seed 0"])])
    assert done.exit_code == 0, done.output
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Dice"))
    ours, theirs, difference = line.split()[2:5]
    assert float(difference) == pytest.approx(float(ours) - float(theirs), abs=0.011)
    refused = CliRunner().invoke(eval_main, [str(runs["learned seed 0"]), "--against", "x", "--json", "-"])
    assert refused.exit_code == 2
