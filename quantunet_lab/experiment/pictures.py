# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of single cases: image, mask and predictions side by side, as PNG inside the page.

They show the data set's images, whose licence may not allow to pass them on: they stand in the page of the
output folder only, not in the page for documentation.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet.data import load_data
from quantunet.data.pairs import IGNORED, Pairs
from quantunet_common.errors import UserError
from quantunet_common.files import read_array
from quantunet_lab.experiment.runs import PREDICTIONS, Run, TrainedRun

#: Enlarged by whole numbers up to about this many pixels.
SHOWN_PIXELS = 192


@dataclass(frozen=True)
class Panel:
    title: str
    png: str
    """Data URI."""


@dataclass(frozen=True)
class Comparison:
    """One image with what networks make of it."""

    title: str
    panels: tuple[Panel, ...]


def worst_and_median(chosen: Run, others: Sequence[Run]) -> list[Comparison]:
    """The case of lowest Dice of `chosen`, and that of median Dice, with predictions of `others` of the same data.

    Raises:
        UserError: the data or the predictions are no longer there.
    """
    result = chosen.result()
    assert result is not None
    pairs = _measured_on(chosen, result)
    if pairs.names != tuple(case.name for case in result.cases):
        raise UserError("the images are no longer those that the runs were measured on", str(chosen.folder))
    order = sorted(range(len(result.cases)), key=lambda index: result.cases[index].dice)
    picked = {"worst case": order[0], "median case": order[(len(order) - 1) // 2]}
    shown = [run for run in [chosen, *others] if run.settings.data == chosen.settings.data]
    return [
        Comparison(
            f"{kind} of {chosen.name}: {result.cases[index].name}",
            (
                Panel("image", _png(_grey(pairs, index))),
                Panel("mask", _png(255 * (pairs.masks[index, 0] == 1).astype(np.uint8))),
                *(_prediction(run, index) for run in shown),
            ),
        )
        for kind, index in picked.items()
    ]


def median_run(runs: Sequence[tuple[Run, TrainedRun]]) -> Run:
    """Of several seeds the one of median Dice, the lower of two."""
    ordered = sorted(runs, key=lambda pair: pair[1].dice)
    return ordered[(len(ordered) - 1) // 2][0]


def _measured_on(run: Run, result: TrainedRun) -> Pairs:
    split = load_data(run.settings.data, run.settings.model)
    return split.test if result.part == "test" and split.test is not None else split.validation


def _grey(pairs: Pairs, index: int) -> NDArray[np.uint8]:
    return pairs.images[index].mean(axis=0).round().astype(np.uint8)


def _prediction(run: Run, index: int) -> Panel:
    """Right pixels white; what is missed is orange, what is too much blue. What nobody labelled is black."""
    result = run.result()
    file = run.folder / PREDICTIONS
    stored = read_array(file)
    assert result is not None
    masks = _measured_on(run, result).masks
    if stored.shape != masks.shape or stored.dtype != np.bool_ or len(result.cases) != len(masks):
        raise UserError(
            "does not hold the predictions for these images", str(file), "Remove the run's folder; it is made again."
        )
    predicted, mask = np.array(stored[index, 0]), masks[index, 0]
    true, known = mask == 1, mask != IGNORED
    colours = np.zeros((*predicted.shape, 3), np.uint8)
    colours[predicted & true] = (240, 240, 240)
    colours[~predicted & true] = (230, 159, 0)
    colours[predicted & known & ~true] = (86, 180, 233)
    return Panel(f"{run.name}: Dice {result.cases[index].dice:.3f}", _png(colours))


def _png(pixels: NDArray[np.uint8]) -> str:
    factor = max(1, SHOWN_PIXELS // max(pixels.shape[:2]))
    image = Image.fromarray(pixels.repeat(factor, axis=0).repeat(factor, axis=1))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
