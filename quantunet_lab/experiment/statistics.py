# SPDX-License-Identifier: BSD-3-Clause
"""Mean and spread over seeds, and differences between runs of the same seed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quantunet_lab.experiment.runs import HardwareEstimate, Run, TrainedRun


@dataclass(frozen=True)
class Spread:
    """Values of several seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """Standard deviation of the sample (n - 1); 0 of a single value."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return self.deviation / math.sqrt(len(self.values))


@dataclass(frozen=True)
class Variant:
    """The finished runs of a variant, by seed."""

    name: str
    precision: str
    results: dict[int, TrainedRun]
    hardware: dict[int, HardwareEstimate]

    def of(self, figure: Callable[[TrainedRun], float]) -> Spread:
        """`figure` of each seed; there must be one."""
        return Spread(tuple(figure(result) for result in self.results.values()))

    def less(self, other: Variant, figure: Callable[[TrainedRun], float]) -> Spread | None:
        """`figure` of this variant less that of `other`, of the seeds that both have; None where there is none."""
        seeds = [seed for seed in self.results if seed in other.results]
        if not seeds:
            return None
        return Spread(tuple(figure(self.results[seed]) - figure(other.results[seed]) for seed in seeds))

    def hardware_of(self, figure: Callable[[HardwareEstimate], float]) -> Spread | None:
        return Spread(tuple(figure(estimate) for estimate in self.hardware.values())) if self.hardware else None


def part_of(variants: Sequence[Variant]) -> str:
    """The part of the data that the scores are of: ``test``, ``validation``, or both where runs differ."""
    return " or ".join(sorted({result.part for variant in variants for result in variant.results.values()}))


def variants_of(runs: Sequence[Run]) -> list[Variant]:
    """Variants of which a run is done, in the order of the experiment."""
    found: dict[str, Variant] = {}
    for run in runs:
        result = run.result()
        if result is None:
            continue
        variant = found.setdefault(run.variant, Variant(run.variant, run.settings.model.precision, {}, {}))
        variant.results[run.seed] = result
        estimate = run.hardware()
        if estimate is not None:
            variant.hardware[run.seed] = estimate
    return list(found.values())
