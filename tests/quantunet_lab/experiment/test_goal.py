# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest

from quantunet.config import TrainConfig
from quantunet_lab.experiment.config import Goal
from quantunet_lab.experiment.goal import GoalCheck, check_goal
from quantunet_lab.experiment.runs import TrainedRun
from quantunet_lab.experiment.statistics import Variant

SEEDS = (0, 1, 2)
GOAL = Goal(baseline="float", learned="learned", fixed="fixed-4")


def variant(name: str, dice: float, accuracy: float, bits: float = 4.0, seeds: tuple[int, ...] = SEEDS) -> Variant:
    """Seeds differ by a thousandth."""
    results = {
        seed: TrainedRun(
            settings=TrainConfig(seed=seed),
            dice=dice + seed / 1000,
            iou=dice,
            pixel_accuracy=accuracy + seed / 1000,
            images=26,
            mean_weight_bits_per_layer=bits,
            mean_activation_bits=bits,
            mean_bits_per_weight=bits,
            size_bytes=1.0,
            compression=32 / bits,
            best_step=1,
            seconds=1.0,
            cases=(),
        )
        for seed in seeds
    }
    precision = "float" if name == "float" else "fixed" if name.startswith("fixed") else "learned"
    return Variant(name, precision, results, {})


def checks(learned: Variant, fixed: Variant | None = None) -> dict[str, GoalCheck]:
    """First words -> check."""
    others = [variant("float", 0.930, 0.985, 32.0), fixed or variant("fixed-4", 0.915, 0.970)]
    return {check.condition: check for check in check_goal(GOAL, [*others, learned])}


def test_a_goal_that_is_reached() -> None:
    found = checks(variant("learned", 0.916, 0.976))
    assert len(found) == 7
    assert all(check.word == "pass" for check in found.values())
    assert found["at most 1.5 points of Dice lost against float"].found == "1.40 ± 0.00"


@pytest.mark.parametrize(
    ("learned", "broken"),
    [
        (variant("learned", 0.9149, 0.976), ["at most 1.5 points of Dice", "not worse than fixed-4"]),
        (variant("learned", 0.916, 0.9749), ["at most 1.0 points of pixel accuracy"]),
        (
            variant("learned", 0.916, 0.976, bits=4.3),
            ["weights of at most 4.24", "activations of at most 4.24", "weights at least 7.5 times", "not worse than"],
        ),
        (variant("learned", 0.916, 0.976, bits=4.1), ["not worse than fixed-4 at no more bits"]),
    ],
)
def test_each_condition_that_does_not_hold_is_named(learned: Variant, broken: list[str]) -> None:
    failing = [condition for condition, check in checks(learned).items() if check.holds is False]
    assert len(failing) == len(broken)
    assert all(condition.startswith(start) for condition, start in zip(failing, broken, strict=True))


def test_only_seeds_that_both_have_are_compared() -> None:
    few = checks(variant("learned", 0.916, 0.976, seeds=(1, 7)))
    assert few["at least 3 seeds"].word == "not yet known"
    assert few["at most 1.5 points of Dice lost against float"].found == "1.40"


def test_what_is_missing_is_not_yet_known() -> None:
    (only,) = check_goal(GOAL, [variant("learned", 0.9, 0.9)])
    assert (only.word, only.found) == ("not yet known", "no finished run of float")
