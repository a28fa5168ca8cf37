# SPDX-License-Identifier: BSD-3-Clause
"""The page of an experiment: `report/index.html` for people, `report/experiment.md` with its plots for
documentation (without any of the data set's images), `report/figures.json` for programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_lab.experiment.config import ExperimentConfig
from quantunet_lab.experiment.goal import GoalCheck, as_plain, check_goal, plus_minus
from quantunet_lab.experiment.paired import difference_of_runs
from quantunet_lab.experiment.paper import COMPARABLE, NOT_COMPARABLE, PUBLISHED
from quantunet_lab.experiment.pictures import Comparison, median_run, worst_and_median
from quantunet_lab.experiment.plots import dice_against_bits, dice_against_luts
from quantunet_lab.experiment.runs import Run, TrainedRun, runs_of
from quantunet_lab.experiment.statistics import Spread, Variant, part_of, variants_of
from quantunet_lab.experiment.sweep import wants_estimate


@dataclass(frozen=True)
class Page:
    """Where the page lies and what it says of the goal."""

    html: Path
    checks: tuple[GoalCheck, ...]
    missing: tuple[str, ...]
    """Runs and estimates that are not done."""


#: Heading of a column, figure of a run, digits.
_COLUMNS: tuple[tuple[str, Callable[[TrainedRun], Any], int], ...] = (
    ("weight bits, per layer", lambda r: r.mean_weight_bits_per_layer, 2),
    ("activation bits, per layer", lambda r: r.mean_activation_bits, 2),
    ("bits per weight", lambda r: r.mean_bits_per_weight, 2),
    ("times smaller", lambda r: r.compression, 2),
    ("pixel accuracy %", lambda r: 100 * r.pixel_accuracy, 2),
    ("Dice %", lambda r: 100 * r.dice, 2),
    ("IoU %", lambda r: 100 * r.iou, 2),
    ("Dice %, mean of the images", lambda r: _times(100, r.image_mean("dice")), 2),
    ("95 % Hausdorff distance, pixels", lambda r: r.image_mean("hausdorff95"), 2),
)
_DIFFERENCES = (
    ("accuracy against float", lambda r: 100 * r.pixel_accuracy),
    ("Dice against float", lambda r: 100 * r.dice),
)
_PAIRED = "Dice of each image against {} [95 % interval]"


def write_page(config: ExperimentConfig, output: Path) -> Page:
    """Write the page of the runs that are done.

    Raises:
        UserError: none is done, or a file cannot be read or written.
    """
    runs = runs_of(config, output)
    for run in runs:
        run.status()  # complains of runs of other settings
    variants = variants_of(runs)
    if not variants:
        raise UserError("no run is done yet", str(output), "Run qu-experiment without --page-only.")
    baseline = _baseline(config, variants)
    base = next((variant for variant in variants if variant.name == config.base), baseline)
    checks = check_goal(config.goal, variants) if config.goal is not None else []
    # Estimates of an earlier run for a board that is no longer asked for are left out.
    drawn = {
        "dice_bits.svg": dice_against_bits(variants, baseline.name if baseline else None),
        "dice_luts.svg": dice_against_luts(variants, baseline.name if baseline else None) if config.hardware else None,
    }
    plots = {name: svg for name, svg in drawn.items() if svg is not None}
    missing = _missing(config, runs)
    values: dict[str, Any] = {
        "title": config.title,
        "seeds": config.seeds,
        "checks": checks,
        "plots": plots,
        "columns": [
            *(heading for heading, *_ in (*_COLUMNS, *_DIFFERENCES)),
            _PAIRED.format(base.name if base else "the base"),
        ],
        "part": part_of(variants),
        "rows": [_row(variant, baseline, base) for variant in variants],
        "hardware": [_hardware_row(variant) for variant in variants if variant.hardware and config.hardware],
        "target": config.hardware,
        "missing": missing,
        "paper": _paper_rows(config, variants, baseline),
        "comparable": COMPARABLE,
        "not_comparable": NOT_COMPARABLE,
        "variants": {name: json.dumps(settings) for name, settings in config.variants.items()},
        "base": config.training(next(iter(config.variants)), config.seeds[0]),
        "images": next(iter(variants[0].results.values())).images,
    }
    report = output / "report"
    templates = Environment(
        loader=PackageLoader("quantunet_lab", "experiment"),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = templates.get_template("page.html").render(
        **{**values, "plots": {name: Markup(svg) for name, svg in plots.items()}},
        cases=_cases(config, runs),
    )
    for name, svg in plots.items():
        _write(report / name, svg)
    _write(report / "experiment.md", templates.get_template("page.md").render(**values))
    _write(report / "figures.json", json.dumps(_figures(variants, checks, missing), indent=1) + "\n")
    _write(report / "index.html", html)
    return Page(report / "index.html", tuple(checks), tuple(missing))


def _write(file: Path, text: str) -> None:
    """Halves of characters, which no text file holds, are written as escapes."""
    write_durably(file, text.encode("utf-8", "backslashreplace"))


def _missing(config: ExperimentConfig, runs: Sequence[Run]) -> dict[str, str | None]:
    """What is not done -> how it failed; None: it was not tried or not finished."""
    found = {run.name: run.failure() for run in runs if run.result() is None}
    for run in runs:
        if wants_estimate(run, config) and run.result() is not None:
            found[f"{run.name}, hardware"] = run.failure()
    return found


def _baseline(config: ExperimentConfig, variants: Sequence[Variant]) -> Variant | None:
    """The variant that differences are taken from: the goal's, or the first float one."""
    if config.goal is not None:
        return next((variant for variant in variants if variant.name == config.goal.baseline), None)
    return next((variant for variant in variants if variant.precision == "float"), None)


def _row(variant: Variant, baseline: Variant | None, base: Variant | None) -> list[str]:
    cells = [variant.name, str(len(variant.results))]
    for _, figure, digits in _COLUMNS:
        known = all(figure(result) is not None for result in variant.results.values())
        cells.append(plus_minus(variant.of(figure), digits) if known else "")
    for _, figure in _DIFFERENCES:
        difference = None if baseline is None else variant.less(baseline, figure)
        cells.append("" if difference is None or variant is baseline else _signed(difference))
    paired = None if base is None or base is variant else difference_of_runs(variant.results, base.results)
    return [*cells, "" if paired is None else paired.text(factor=100)]


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def _signed(difference: Spread) -> str:
    text = f"{difference.mean:+.2f}"
    return f"{text} ± {difference.deviation:.2f}" if len(difference.values) > 1 else text


def _hardware_row(variant: Variant) -> list[str]:
    cells = [variant.name, str(len(variant.hardware))]
    for figure, digits in (
        (lambda e: e.lut, 0),
        (lambda e: e.ff, 0),
        (lambda e: e.bram36, 1),
        (lambda e: e.dsp, 1),
        (lambda e: e.fps, 0),
    ):
        spread = variant.hardware_of(figure)
        assert spread is not None
        cells.append(plus_minus(spread, digits))
    return cells


def _paper_rows(
    config: ExperimentConfig, variants: Sequence[Variant], baseline: Variant | None
) -> list[tuple[str, str, str]]:
    """What, the paper's figure, ours of the learned variant of the goal."""
    known = {variant.name: variant for variant in variants}
    ours = known.get(config.goal.learned) if config.goal is not None else None
    if config.goal is None or ours is None or baseline is None:
        return []
    accuracy = ours.less(baseline, lambda r: 100 * r.pixel_accuracy)
    settings = config.training(config.goal.learned, config.seeds[0])

    def mean(figure: Any, digits: int = 2) -> str:
        return plus_minus(ours.of(figure), digits)

    return [
        ("lambda", f"{PUBLISHED.penalty}", f"{settings.bit_penalty}, normalized as in quantunet/losses.py"),
        (
            "mean bits",
            f"{PUBLISHED.mean_bits}",
            f"weights {mean(lambda r: r.mean_weight_bits_per_layer)}, activations "
            f"{mean(lambda r: r.mean_activation_bits)} per layer; {mean(lambda r: r.mean_bits_per_weight)} per weight",
        ),
        ("accuracy in float, %", f"{PUBLISHED.float_accuracy}", plus_minus(baseline.of(_accuracy), 2)),
        ("accuracy with learned widths, %", f"{PUBLISHED.accuracy}", mean(_accuracy)),
        (
            "points of accuracy against float",
            f"{-PUBLISHED.accuracy_lost:+.2f}",
            "" if accuracy is None else _signed(accuracy),
        ),
        ("times smaller than float32", PUBLISHED.size_ratio, mean(lambda r: r.compression)),
        ("data", "not found", f"{settings.data.kind}, {'x'.join(map(str, settings.model.image_size))} pixels"),
        ("optimizer and steps", "not found", f"Adam, {settings.steps} steps of {settings.batch_size} images"),
        ("hardware", "none built", "verified RTL by qu-build; the LUTs here are the cost models'"),
    ]


def _accuracy(result: Any) -> float:
    return float(100 * result.pixel_accuracy)


def _cases(config: ExperimentConfig, runs: Sequence[Run]) -> list[Comparison]:
    """Worst and median case of the goal's learned variant (else the first quantized one that is done)."""
    done = [(run, result) for run in runs if (result := run.result()) is not None]
    names = [config.goal.learned] if config.goal is not None else []
    names += [run.variant for run, _ in done if run.settings.model.precision != "float"]
    names += [run.variant for run, _ in done]
    chosen_name = next(name for name in names if any(run.variant == name for run, _ in done))
    chosen = median_run([pair for pair in done if pair[0].variant == chosen_name])
    beside = [config.goal.baseline, config.goal.fixed] if config.goal is not None else []
    others = [run for run, _ in done if run.variant in beside and run.seed == chosen.seed and run is not chosen]
    return worst_and_median(chosen, others)


def _figures(
    variants: Sequence[Variant], checks: Sequence[GoalCheck], missing: dict[str, str | None]
) -> dict[str, Any]:
    return {
        "goal": as_plain(checks),
        "missing": missing,
        "variants": {
            variant.name: {
                str(seed): {
                    **result.model_dump(mode="json", exclude={"settings", "cases"}),
                    "hardware": variant.hardware[seed].model_dump() if seed in variant.hardware else None,
                }
                for seed, result in variant.results.items()
            }
            for variant in variants
        },
    }
