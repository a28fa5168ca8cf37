# SPDX-License-Identifier: BSD-3-Clause
"""Differences between networks, image by image, with a confidence interval by bootstrap.

Two networks that are measured on the same images differ by far less from image to image than the images do among
themselves, so differences are taken image by image first, and between runs of the same seed.

The interval is the percentile one of `DRAWS` resamples (Efron 1979). What is drawn with replacement are whole cases
(patients, exams, volumes) with all their images: slices of one head say nearly the same, and drawing them one by one
would give intervals that are far too narrow. Where there are several seeds, they are drawn as well and independently of
the cases (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007), so that the interval covers other
test images and other trainings; with fewer than five seeds that part is rough and rather too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantunet_common.errors import UserError
from quantunet_lab.experiment.runs import ImageScore, TrainedRun

DRAWS = 10_000
LEVEL = 0.95
_SEED = 0


@dataclass(frozen=True)
class PairedDifference:
    """Mean of the differences over images and seeds, and the interval that holds 95 % of the resamples."""

    mean: float
    low: float
    high: float
    images: int
    cases: int
    seeds: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def text(self, digits: int = 2, factor: float = 1.0) -> str:
        """``+0.31 [-0.02, +0.65]``, times `factor`."""
        mean, low, high = (factor * value for value in (self.mean, self.low, self.high))
        return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def difference_of_runs(
    ours: dict[int, TrainedRun], theirs: dict[int, TrainedRun], score: str = "dice"
) -> PairedDifference | None:
    """`ours` less `theirs` (both by seed), of the seeds that both have.

    None where there is no such seed, or where the runs were measured on other images or without this score.
    """
    seeds = sorted(ours.keys() & theirs.keys())
    pairs = [(ours[seed].cases, theirs[seed].cases) for seed in seeds]
    every = [cases for pair in pairs for cases in pair]
    if not every or not every[0] or any(_names(cases) != _names(every[0]) for cases in every):
        return None
    if len({run.part for group in (ours, theirs) for seed, run in group.items() if seed in seeds}) > 1:
        return None
    if any(getattr(image, score) is None for cases in every for image in cases):
        return None
    return paired_difference(pairs, score)


def paired_difference(
    pairs: Sequence[tuple[Sequence[ImageScore], Sequence[ImageScore]]], score: str = "dice", draws: int = DRAWS
) -> PairedDifference:
    """First less second of each pair; a pair are two networks, usually of one seed, all on the same images.

    Raises:
        UserError: they were not measured on the same images.
    """
    first = pairs[0][0]
    for pair in pairs:
        for images in pair:
            if _names(images) != _names(first):
                raise UserError(
                    f"were measured on other images ({len(images)} and {len(first)})",
                    "the networks",
                    "Compare networks of the same data and split.",
                )
    each = np.array([[getattr(a, score) - getattr(b, score) for a, b in zip(*pair, strict=True)] for pair in pairs])
    of_case = np.unique([image.case or image.name for image in first], return_inverse=True)[1]
    low, high = np.quantile(_resampled(each, of_case, draws), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return PairedDifference(float(each.mean()), float(low), float(high), len(first), int(of_case.max()) + 1, len(pairs))


def _names(images: Sequence[ImageScore]) -> list[str]:
    return [image.name for image in images]


def _resampled(each: NDArray[np.float64], of_case: NDArray[np.intp], draws: int) -> NDArray[np.float64]:
    """Means of resamples, [draws], of differences [seeds, images]; `of_case` is the number of each image's case."""
    random = np.random.default_rng(_SEED)
    seeds, cases = len(each), int(of_case.max()) + 1
    sizes = np.bincount(of_case, minlength=cases)
    sums = np.stack([np.bincount(of_case, weights=row, minlength=cases) for row in each])
    times_case = random.multinomial(cases, np.full(cases, 1 / cases), size=draws)
    times_seed = random.multinomial(seeds, np.full(seeds, 1 / seeds), size=draws)
    drawn = np.einsum("ds,sc,dc->d", times_seed, sums, times_case, optimize=True)
    mean: NDArray[np.float64] = drawn / (seeds * (times_case @ sizes))
    return mean
