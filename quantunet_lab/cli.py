# SPDX-License-Identifier: BSD-3-Clause
"""The commands `qu-experiment`, `qu-ablate` and `qu-eval`.

qu-experiment and qu-ablate end with status 0: all done and the goal holds; 1: a run failed or the goal does not hold, with
the page written; 2: unusable input, one message; 130: interrupted. qu-eval is quantunet's own, which measures
checkpoints, and two options that bring the answers of the network's other forms.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from quantunet.cli import ends_cleanly as ends_like_a_training
from quantunet.cli import eval_main as eval_checkpoint
from quantunet_common.command import Command, config_option
from quantunet_common.configurations import Purpose
from quantunet_common.errors import UserError
from quantunet_common.messages import printable

ends_cleanly = replace(ends_like_a_training, interrupted="the same command continues where it stopped")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-experiment --config experiment_icbm152 --output runs/experiment
  qu-experiment --config experiment_icbm152 --output runs/experiment --page-only

The same command again continues an interrupted experiment.""",
)
@config_option(Purpose.EXPERIMENT, required=True)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The experiment's folder."
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Where the data set lies.")
@click.option("--workers", type=click.IntRange(min=1), help="Number of runs at a time, in processes on this machine.")
@click.option(
    "--page-only", is_flag=True, help="Compute nothing; only write the page, from the runs that are finished."
)
@ends_cleanly
def experiment_main(config_file: Path, output: Path, data: Path | None, workers: int | None, page_only: bool) -> int:
    """Train variants of a network with several seeds and write a page that compares them."""
    from quantunet_lab.experiment.config import read_experiment_config

    overrides: dict[str, Any] = _data_at(data)
    if workers is not None:
        overrides["cluster"] = {"kind": "local", "workers": workers}
    config = read_experiment_config(config_file, overrides)
    output = output.resolve()  # workers have working directories of their own
    failures: dict[str, str] = {}
    if not page_only:
        from quantunet_lab.experiment.sweep import compute

        failures = compute(config, output, _say)
    for name, message in failures.items():
        click.echo(printable(f"failed: {name}: {message}"), err=True)

    from quantunet_lab.experiment.page import write_page

    page = write_page(config, output)
    for check in page.checks:
        click.echo(printable(f"{check.word}: {check.condition}: {check.found}"))
    if page.missing:
        click.echo(printable(f"not done: {'; '.join(page.missing)}"), err=True)
    click.echo(printable(str(page.html)))
    return 1 if failures or page.missing or any(check.holds is False for check in page.checks) else 0


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-ablate --config experiment_recipe_hc18 --output runs/ablation
  qu-ablate --config my_ablation.yaml --output runs/mine --table-only

The same command again continues an interrupted ablation.""",
)
@config_option(Purpose.EXPERIMENT, required=True)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The experiment's folder."
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Where the data set lies.")
@click.option(
    "--table-only", is_flag=True, help="Compute nothing; only write the table, from the runs that are finished."
)
@ends_cleanly
def ablate_main(config_file: Path, output: Path, data: Path | None, table_only: bool) -> int:
    """Train the variants of an experiment with each seed, one run after the other in this process, and write a table.

    The table has the mean and spread of each variant and its difference from the base, image by image, with an
    interval. It is written anew after each run. The folder is that of an experiment: `qu-experiment` can go on with it.
    """
    from quantunet_lab.experiment.ablation import plain, table, write_table
    from quantunet_lab.experiment.config import read_experiment_config
    from quantunet_lab.experiment.sweep import compute_in_turn

    config = read_experiment_config(config_file, _data_at(data))
    output = output.resolve()
    failures: dict[str, str] = {}
    if not table_only:
        failures = compute_in_turn(config, output, _say, partial(write_table, config, output))
    file = write_table(config, output)
    found = table(config, output)
    for line in plain(found):
        click.echo(printable(line))
    if found.missing:
        click.echo(printable(f"not done: {'; '.join(found.missing)}"), err=True)
    click.echo(printable(str(file)))
    return 1 if failures or found.missing else 0


def _data_at(path: Path | None) -> dict[str, Any]:
    return {} if path is None else {"data": path.resolve()}


def _say(line: str) -> None:
    click.echo(printable(f"{time.strftime('%H:%M:%S')} {line}"), err=True)


def _eval(**options: Any) -> None:
    onnx_file, build, against = options.pop("onnx_file"), options.pop("build"), options.pop("against")
    if against is not None:
        _eval_against(options, against, onnx_file or build)
        return
    if onnx_file is None and build is None:
        eval_checkpoint.callback(**options)  # type: ignore[misc]
        return
    _eval_form(options, onnx_file, build)


@ends_cleanly
def _eval_against(options: dict[str, Any], against: Path, form: Path | None) -> int:
    """Both are measured on the same images; what is told is the difference on each, in the mean and with its interval."""
    if form is not None or any(options[name] is not None for name in ("images_to", "logits", "json_file")):
        raise UserError(
            "exclude --against", "--images-to, --logits, --json, --onnx, --build", "Give one of them, or --against."
        )
    from quantunet_lab.experiment.paired import paired_difference
    from quantunet_lab.experiment.runs import ImageScore

    assert eval_checkpoint.callback is not None
    measured: list[dict[str, Any]] = []
    for checkpoint in (options["checkpoint"], against):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            eval_checkpoint.callback(**{**options, "checkpoint": checkpoint, "json_file": "-"})
        measured.append(json.loads(printed.getvalue()))
    ours, theirs = ([ImageScore.model_validate(image) for image in figures["per_image"]] for figures in measured)
    click.echo(printable(f"{len(ours)} images, {measured[0]['data']}; A {options['checkpoint']}, B {against}"))
    click.echo("mean of the images            A         B     A - B [95 % interval]")
    for name, unit, factor, digits in _COMPARED:
        paired = paired_difference([(ours, theirs)], name)
        own, other = (factor * figures["mean_of_images"][name] for figures in measured)
        click.echo(f"{unit:24} {own:9.{digits}f} {other:9.{digits}f}     {paired.text(digits, factor)}")
    click.echo(f"intervals by bootstrap over {paired.cases} cases; they do not cover another seed of the training")
    return 0


#: Score, name with its unit, factor, digits.
_COMPARED = (
    ("dice", "Dice %", 100, 2),
    ("iou", "IoU %", 100, 2),
    ("pixel_accuracy", "pixel accuracy %", 100, 2),
    ("hausdorff95", "95 % Hausdorff, pixels", 1, 2),
)


@ends_cleanly
def _eval_form(options: dict[str, Any], onnx_file: Path | None, build: Path | None) -> int:
    """The checkpoint names and measures; in between, its other form answers the images."""
    if sum(given is not None for given in (options["images_to"], options["logits"], onnx_file, build)) > 1:
        raise UserError("exclude each other", "--images-to, --logits, --onnx, --build", "Give one of them.")
    import numpy as np

    from quantunet_lab.forms import hardware_logits, qonnx_logits

    assert eval_checkpoint.callback is not None
    with tempfile.TemporaryDirectory(prefix="qu-eval-") as folder:
        images_file = Path(folder) / "images.npy"
        eval_checkpoint.callback(**{**options, "images_to": images_file})
        images = np.load(images_file)
        form = onnx_file or build
        assert form is not None
        logits = qonnx_logits(form, images) if onnx_file is not None else hardware_logits(form, images)
        answers = Path(folder) / f"{form.resolve().name}.npy"
        np.save(answers, logits)
        eval_checkpoint.callback(**{**options, "logits": answers})
    return 0


eval_main = Command(
    "qu-eval",
    callback=_eval,
    help=f"{inspect.cleandoc(eval_checkpoint.help or '')}\n\n"
    "With --onnx or --build, another form of the network processes the same images instead.",
    epilog=f"{eval_checkpoint.epilog}\n  qu-eval runs/mine/best --onnx mine.onnx\n  qu-eval --build builds/demo\n"
    "  qu-eval runs/mine/best --against runs/float/best --part test",
    params=[
        *eval_checkpoint.params,
        click.Option(
            ["--onnx", "onnx_file"],
            type=click.Path(path_type=Path),
            metavar="FILE.onnx",
            help="Measure this QONNX file, exported from the checkpoint.",
        ),
        click.Option(
            ["--build"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Measure the hardware of this finished build of the checkpoint, simulated on all images.",
        ),
        click.Option(
            ["--against"],
            type=click.Path(path_type=Path),
            metavar="CHECKPOINT",
            help="Measure another checkpoint on the same images and tell the differences, image by image, with intervals.",
        ),
    ],
)
