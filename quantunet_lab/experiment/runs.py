# SPDX-License-Identifier: BSD-3-Clause
"""A run: one variant with one seed, its folder and how far it is."""

from __future__ import annotations

import shutil
import statistics
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from quantunet.config import TrainConfig
from quantunet.record import Record, read_record
from quantunet.train import PLACE, SETTINGS
from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_common.messages import LONGEST
from quantunet_lab.experiment.config import ExperimentConfig

#: Of a file of figures.
MOST_BYTES = 2**26
RESULT, PREDICTIONS, HARDWARE, FAILURE = "result.json", "predictions.npy", "hardware.json", "failure.txt"


class ImageScore(BaseModel):
    """One of the images that a run was measured on: scores in 0..1, distance in pixels, see `quantunet.image_scores`.
    What older runs do not say is None.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    case: str | None = None
    dice: float
    iou: float | None = None
    pixel_accuracy: float | None = None
    hausdorff95: float | None = None


class TrainedRun(BaseModel):
    """What a finished run says of itself. Scores in 0..1, in float64 arithmetic."""

    model_config = ConfigDict(frozen=True)

    settings: TrainConfig
    part: Literal["validation", "test"] = "validation"
    """Of the data that the scores are of: the test part, where the data have one, which the training did not see; else
    the validation part, which chose the checkpoint."""
    dice: float
    iou: float
    pixel_accuracy: float
    images: int
    mean_weight_bits_per_layer: float
    mean_activation_bits: float
    mean_bits_per_weight: float
    size_bytes: float
    compression: float
    best_step: int
    seconds: float
    """Of the training; of its last part where it was interrupted."""
    cases: tuple[ImageScore, ...]

    @property
    def mean_bits(self) -> float:
        """Mean of both means per layer, of the weights and of the activations."""
        return (self.mean_weight_bits_per_layer + self.mean_activation_bits) / 2

    def image_mean(self, score: str) -> float | None:
        """Mean over the images of a score of `ImageScore`; None where it was not measured."""
        values = [getattr(image, score) for image in self.cases]
        return statistics.fmean(values) if values and all(value is not None for value in values) else None


class HardwareEstimate(BaseModel):
    """What the flow's cost models say of a network folded for a number of frames a second."""

    model_config = ConfigDict(frozen=True)

    board: str
    target_fps: float
    fps: float
    """That the folding reaches."""
    lut: float
    ff: float
    bram36: float
    dsp: float


class Status(Enum):
    NEW = "new"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True)
class Run:
    """One training of an experiment."""

    variant: str
    seed: int
    settings: TrainConfig
    folder: Path
    needs: tuple[str, ...] = ()
    """Names of the runs whose networks it begins with or learns from."""

    @property
    def name(self) -> str:
        return f"{self.variant} seed {self.seed}"

    @property
    def training(self) -> Path:
        """The output folder of its training."""
        return self.folder / "training"

    def status(self) -> Status:
        """How far it is.

        Raises:
            UserError: the folder holds a run of other settings, or a damaged one.
        """
        for file in (self.folder / RESULT, self.training / SETTINGS):
            if not file.is_file():
                continue
            kind: Any = TrainedRun if file.name == RESULT else TrainConfig
            found = _read(kind, file)
            settings = found.settings if isinstance(found, TrainedRun) else found
            changed = sorted(
                name
                for name in TrainConfig.model_fields.keys() - PLACE
                if getattr(settings, name) != getattr(self.settings, name)
            )
            if changed:
                raise UserError(
                    f"is a run with another {', '.join(changed)}",
                    str(self.folder),
                    "Give the variant another name, remove this folder, or choose another --output.",
                )
            return Status.DONE if isinstance(found, TrainedRun) else Status.STARTED
        return Status.NEW

    def result(self) -> TrainedRun | None:
        """Its figures, None while there are none."""
        return _read(TrainedRun, self.folder / RESULT)

    def hardware(self) -> HardwareEstimate | None:
        return _read(HardwareEstimate, self.folder / HARDWARE)

    def failure(self) -> str | None:
        """The first line of how it failed the last time, None where it did not."""
        file = self.folder / FAILURE
        if not file.is_file():
            return None
        with file.open(encoding="utf-8", errors="replace") as lines:
            return lines.readline(LONGEST).strip() or "it is not said how"

    def fail(self, message: str, details: str = "") -> None:
        """Write down how it failed."""
        write_durably(self.folder / FAILURE, f"{message}\n\n{details}".encode())

    def clear(self) -> None:
        """Forget a failure, and what a training left that was killed before it wrote its settings."""
        (self.folder / FAILURE).unlink(missing_ok=True)
        if self.training.is_dir() and not (self.training / SETTINGS).is_file():
            shutil.rmtree(self.training)


def _read(kind: type[Record], file: Path) -> Record | None:
    return read_record(kind, file, MOST_BYTES, "Remove the folder; the run is then made again.")


def runs_of(config: ExperimentConfig, output: Path) -> list[Run]:
    """All runs of an experiment in the order of their importance: those of the goal before the others, and of
    each all variants of a seed before the next seed, so that there is soon something to compare. A run comes behind those
    that it needs.

    Raises:
        UserError: a setting of a variant is wrong, or needs a run that there is not, or that needs it.
    """
    goal = config.goal
    first = [] if goal is None else [goal.baseline, goal.learned, goal.fixed]
    groups = ([name for name in config.variants if (name in first) is wanted] for wanted in (True, False))
    root = output.resolve() / "runs"
    wanted = []
    for group in groups:
        for seed in config.seeds:
            for variant in group:
                settings = config.training(variant, seed, root)
                folder = output / "runs" / variant / f"seed-{seed}"
                wanted.append(Run(variant, seed, settings, folder, _needed(settings, root)))
    return _in_order(wanted)


def _needed(settings: TrainConfig, root: Path) -> tuple[str, ...]:
    paths = [settings.init_from, settings.teacher.run if settings.teacher is not None else None]
    inside = [path.relative_to(root).parts for path in paths if path is not None and path.is_relative_to(root)]
    return tuple(dict.fromkeys(" ".join(parts[:2]).replace(" seed-", " seed ") for parts in inside))


def _in_order(runs: list[Run]) -> list[Run]:
    """The same, each behind those that it needs, otherwise in the order given."""
    known = {run.name: run for run in runs}
    placed: dict[str, Run] = {}

    def place(run: Run, waiting: tuple[str, ...]) -> None:
        for name in run.needs:
            if name not in known or name in waiting:
                reason = "which needs it in turn" if name in waiting else "which this experiment does not have"
                raise UserError(
                    f"needs {name}, {reason}",
                    f"variant {run.variant}",
                    "Correct its init_from or teacher, or the seeds.",
                )
            if name not in placed:
                place(known[name], (*waiting, name))
        placed[run.name] = run

    for run in runs:
        if run.name not in placed:
            place(run, (run.name,))
    return list(placed.values())
