# SPDX-License-Identifier: BSD-3-Clause
"""The table of an ablation: what each variant reaches and costs, and how it differs from the base, image by image.

<output>/report/ablation.md and ablation.json, written from the runs that are done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_lab.experiment.config import ExperimentConfig
from quantunet_lab.experiment.goal import plus_minus
from quantunet_lab.experiment.paired import LEVEL, PairedDifference, difference_of_runs
from quantunet_lab.experiment.runs import TrainedRun, runs_of
from quantunet_lab.experiment.statistics import Variant, part_of, variants_of


@dataclass(frozen=True)
class Score:
    """A score of `ImageScore` as the table shows it: its mean over the images, times `factor`."""

    name: str
    heading: str
    factor: float
    digits: int


SCORES = (
    Score("dice", "Dice %", 100, 2),
    Score("iou", "IoU %", 100, 2),
    Score("pixel_accuracy", "pixel accuracy %", 100, 2),
    Score("hausdorff95", "95 % Hausdorff, pixels", 1, 2),
)
#: The scores whose differences have a column.
_COMPARED = ("dice", "hausdorff95")


@dataclass(frozen=True)
class Row:
    """One variant."""

    variant: str
    settings: dict[str, Any]
    seeds: tuple[int, ...]
    cells: tuple[str, ...]
    values: dict[str, list[float | None]]
    """Figures of each seed, by name."""
    differences: dict[str, PairedDifference | None]
    """From the base, by score; None of the base itself, and where no seed is in common."""


@dataclass(frozen=True)
class Ablation:
    """The whole table; scores are of one part of the data, see `TrainedRun.part`."""

    base: str
    part: str
    images: int
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    missing: tuple[str, ...]
    """Runs that are not done, with how they failed."""

    def markdown(self) -> str:
        """The table with what it needs to be read."""
        lines = [
            f"{self.images} images of the {self.part} part. Scores are means over the images; ± is the standard deviation over "
            f"seeds. Differences are from {self.base}, image by image within a seed, with the interval of {LEVEL:.0%} by "
            "bootstrap over whole cases and over seeds.",
            "",
            "| " + " | ".join(self.headings) + " |",
            "|" + "---|" * len(self.headings),
            *("| " + " | ".join(row.cells) + " |" for row in self.rows),
            "",
            *(f"- {row.variant}: `{json.dumps(row.settings)}`" for row in self.rows),
        ]
        if self.missing:
            lines += ["", f"Not done: {'; '.join(self.missing)}."]
        return "\n".join(lines) + "\n"


def table(config: ExperimentConfig, output: Path) -> Ablation:
    """The table of the runs in `output` that are done; the base is `config.base` or the first variant.

    Raises:
        UserError: none is done, or a file cannot be read.
    """
    runs = runs_of(config, output)
    for run in runs:
        run.status()  # complains of runs of other settings
    variants = variants_of(runs)
    if not variants:
        raise UserError("no run is done yet", str(output), "Let the ablation train some.")
    variants.sort(key=lambda variant: list(config.variants).index(variant.name))
    name = config.base or next(iter(config.variants))
    base = next((variant for variant in variants if variant.name == name), None)
    missing = [
        f"{run.name}{f' (failed: {why})' if (why := run.failure()) else ''}" for run in runs if run.result() is None
    ]
    headings = ["variant", "seeds", "bits, weights / activations", "bits per weight", *(s.heading for s in SCORES)]
    headings += [f"{score.heading}, difference" for score in SCORES if score.name in _COMPARED]
    return Ablation(
        name,
        part_of(variants),
        next(iter(variants[0].results.values())).images,
        (*headings, "minutes"),
        tuple(_row(variant, base, config.variants[variant.name]) for variant in variants),
        tuple(missing),
    )


def write_table(config: ExperimentConfig, output: Path) -> Path:
    """Write the table and return the path of `ablation.md`.

    Raises:
        UserError: as `table`, or it cannot be written.
    """
    found = table(config, output)
    file = output / "report" / "ablation.md"
    write_durably(file, f"# {config.title}\n\n{found.markdown()}".encode("utf-8", "backslashreplace"))
    write_durably(file.with_suffix(".json"), (json.dumps(asdict(found), indent=1) + "\n").encode())
    return file


def _row(variant: Variant, base: Variant | None, settings: dict[str, Any]) -> Row:
    figures: dict[str, Callable[[TrainedRun], float | None]] = {
        "weight_bits": lambda run: run.mean_weight_bits_per_layer,
        "activation_bits": lambda run: run.mean_activation_bits,
        "bits_per_weight": lambda run: run.mean_bits_per_weight,
        "minutes": lambda run: run.seconds / 60,
    }
    for score in SCORES:
        figures[score.name] = lambda run, score=score: _times(score.factor, run.image_mean(score.name))  # type: ignore[misc]
    values = {name: [figure(run) for run in variant.results.values()] for name, figure in figures.items()}
    compared = [score for score in SCORES if score.name in _COMPARED]
    differences = {
        score.name: None
        if base is None or base is variant
        else difference_of_runs(variant.results, base.results, score.name)
        for score in compared
    }

    def shown(name: str, digits: int) -> str:
        if any(value is None for value in values[name]):
            return ""
        return plus_minus(variant.of(lambda run: figures[name](run) or 0.0), digits)

    cells = [variant.name, str(len(variant.results)), f"{shown('weight_bits', 2)} / {shown('activation_bits', 2)}"]
    cells += [shown("bits_per_weight", 2), *(shown(score.name, score.digits) for score in SCORES)]
    for score in compared:
        paired = differences[score.name]
        cells.append("" if paired is None else paired.text(score.digits, score.factor))
    return Row(
        variant.name,
        settings,
        tuple(variant.results),
        (*cells, shown("minutes", 1)),
        values,
        differences,
    )


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def plain(found: Ablation) -> Sequence[str]:
    """The table for a terminal: names, Dice and its difference, a line each."""
    width = max(len(row.variant) for row in found.rows)
    lines = []
    for row in found.rows:
        score = dict(zip(found.headings, row.cells, strict=True))
        difference = score["Dice %, difference"] or "the base"
        bits = score["bits, weights / activations"]
        lines.append(
            f"{row.variant:{width}}  Dice % {score['Dice %']}  {difference}  {bits} bits, {score['seeds']} seed(s)"
        )
    return lines
