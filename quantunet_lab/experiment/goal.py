# SPDX-License-Identifier: BSD-3-Clause
"""Whether the experiment shows what it is to show, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quantunet_lab.experiment.config import Goal
from quantunet_lab.experiment.statistics import Spread, Variant


@dataclass(frozen=True)
class GoalCheck:
    """One condition; `holds` is None while the runs that it needs are missing."""

    condition: str
    found: str
    holds: bool | None

    @property
    def word(self) -> str:
        return "not yet known" if self.holds is None else "pass" if self.holds else "FAIL"


def check_goal(goal: Goal, variants: Sequence[Variant]) -> list[GoalCheck]:
    """The conditions of `goal`; each compares means over the seeds that the variants have in common."""
    known = {variant.name: variant for variant in variants}
    learned, baseline = known.get(goal.learned), known.get(goal.baseline)
    if learned is None or baseline is None:
        missing = [name for name, found in ((goal.learned, learned), (goal.baseline, baseline)) if found is None]
        return [GoalCheck("learned widths against float", f"no finished run of {', '.join(missing)}", None)]
    seeds = sorted(learned.results.keys() & baseline.results.keys())
    learned, baseline = _only(learned, seeds), _only(baseline, seeds)
    checks = [GoalCheck(f"at least {goal.seeds} seeds", f"{len(seeds)}", True if len(seeds) >= goal.seeds else None)]
    if not seeds:
        return checks
    weights = learned.of(lambda result: result.mean_weight_bits_per_layer)
    activations = learned.of(lambda result: result.mean_activation_bits)
    smaller = learned.of(lambda result: result.compression)
    accuracy = baseline.less(learned, lambda result: 100 * result.pixel_accuracy)
    dice = baseline.less(learned, lambda result: 100 * result.dice)
    assert accuracy is not None and dice is not None
    checks += [
        GoalCheck(
            f"weights of at most {goal.mean_bits} bits, mean over layers",
            f"{plus_minus(weights, 2)} ({plus_minus(learned.of(lambda r: r.mean_bits_per_weight), 2)} per weight)",
            weights.mean <= goal.mean_bits,
        ),
        GoalCheck(
            f"activations of at most {goal.mean_bits} bits, mean over layers",
            plus_minus(activations, 2),
            activations.mean <= goal.mean_bits,
        ),
        GoalCheck(
            f"at most {goal.accuracy_points} points of pixel accuracy lost against float",
            plus_minus(accuracy, 2),
            accuracy.mean <= goal.accuracy_points,
        ),
        GoalCheck(
            f"at most {goal.dice_points} points of Dice lost against float",
            plus_minus(dice, 2),
            dice.mean <= goal.dice_points,
        ),
        GoalCheck(
            f"weights at least {goal.size_ratio} times smaller than in float32",
            plus_minus(smaller, 2),
            smaller.mean >= goal.size_ratio,
        ),
    ]
    if goal.fixed is not None:
        checks.append(_against_fixed(goal.fixed, learned, known.get(goal.fixed)))
    return checks


def _against_fixed(name: str, learned: Variant, fixed: Variant | None) -> GoalCheck:
    """Learned widths are to be not worse than fixed ones, at no more bits on average."""
    condition = f"not worse than {name} at no more bits on average"
    difference = None if fixed is None else learned.less(fixed, lambda result: 100 * result.dice)
    if fixed is None or difference is None:
        return GoalCheck(condition, f"no finished run of {name} with the same seed", None)
    seeds = sorted(learned.results.keys() & fixed.results.keys())
    own, other = (_only(variant, seeds).of(lambda result: result.mean_bits) for variant in (learned, fixed))
    found = (
        f"{difference.mean:+.2f} points of Dice, standard error {difference.standard_error:.2f} over {len(seeds)} seeds, "
        f"with {own.mean:.2f} against {other.mean:.2f} bits (mean of weights and activations)"
    )
    return GoalCheck(condition, found, difference.mean >= 0 and own.mean <= other.mean)


def _only(variant: Variant, seeds: Sequence[int]) -> Variant:
    return Variant(variant.name, variant.precision, {seed: variant.results[seed] for seed in seeds}, {})


def plus_minus(spread: Spread, digits: int) -> str:
    """Mean and standard deviation as text."""
    text = f"{spread.mean:.{digits}f}"
    return f"{text} ± {spread.deviation:.{digits}f}" if len(spread.values) > 1 else text


def as_plain(checks: Sequence[GoalCheck]) -> list[dict[str, Any]]:
    return [asdict(check) for check in checks]
