# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import numpy as np
import pytest

from quantunet_common.errors import UserError
from quantunet_lab.experiment.paired import difference_of_runs, paired_difference
from quantunet_lab.experiment.runs import ImageScore, runs_of
from quantunet_lab.experiment.statistics import Variant
from tests.quantunet_lab.conftest import Finished
from tests.quantunet_lab.experiment.test_goal import variant


def images(scores: np.ndarray, per_case: int = 1) -> list[ImageScore]:
    """Images of these Dice scores, so many after another of one case."""
    return [
        ImageScore(name=f"image {index}", case=f"case {index // per_case}", dice=score)
        for index, score in enumerate(scores)
    ]


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, shape)


def test_a_difference_that_is_the_same_in_all_images_is_certain() -> None:
    scores = 0.8 + noise(50)
    found = paired_difference([(images(scores + 0.01), images(scores))])
    assert (found.mean, found.low, found.high) == pytest.approx((0.01, 0.01, 0.01))
    assert (found.images, found.cases, found.seeds) == (50, 50, 1)
    assert found.is_clear
    assert found.text(1, 100) == "+1.0 [+1.0, +1.0]"


def test_the_interval_is_that_of_the_mean_of_independent_differences() -> None:
    change = noise(400, seed=1)
    found = paired_difference([(images(0.5 + change), images(np.full(400, 0.5)))])
    error = change.std() / np.sqrt(400)
    assert found.mean == pytest.approx(change.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_images_of_one_case_count_as_one() -> None:
    """Twenty slices that all say the same are worth one."""
    change = np.repeat(noise(20, seed=2), 20)
    base = np.full(400, 0.5)
    alone = paired_difference([(images(0.5 + change), images(base))])
    together = paired_difference([(images(0.5 + change, 20), images(base, 20))])
    assert together.cases == 20
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_seeds_that_differ_widen_the_interval() -> None:
    base = np.full(100, 0.5)
    change = noise(100, seed=3) / 10
    same = paired_difference([(images(base + change), images(base))] * 3)
    apart = paired_difference([(images(base + change + shift), images(base)) for shift in (-0.05, 0.0, 0.05)])
    assert apart.mean == pytest.approx(same.mean)
    assert apart.high - apart.low > 2 * (same.high - same.low)
    assert same.is_clear == (same.low > 0 or same.high < 0)


def test_other_images_cannot_be_compared() -> None:
    with pytest.raises(UserError, match="other images"):
        paired_difference([(images(noise(3)), images(noise(4)))])


def test_runs_are_compared_seed_by_seed() -> None:
    def of(name: str, dice: float, seeds: tuple[int, ...]) -> Variant:
        made = variant(name, dice, 0.9, seeds=seeds)
        results = {
            seed: result.model_copy(update={"cases": tuple(images(dice + noise(9, seed=seed)))})
            for seed, result in made.results.items()
        }
        return Variant(name, made.precision, results, {})

    ours, theirs = of("learned", 0.7, (0, 1, 2)), of("float", 0.8, (1, 2, 3))
    found = difference_of_runs(ours.results, theirs.results)
    assert found is not None
    assert (found.mean, found.seeds) == (pytest.approx(-0.1), 2)
    assert difference_of_runs(ours.results, of("other", 0.8, (7,)).results) is None
    assert difference_of_runs(ours.results, theirs.results, "hausdorff95") is None  # not measured


def test_a_finished_run_has_what_is_compared(finished: Finished) -> None:
    results = [run.result() for run in runs_of(finished.config, finished.output)]
    for result in results:
        assert result is not None
        assert {image.case for image in result.cases} == {image.name.rpartition("_")[0] for image in result.cases}
        assert all(image.hausdorff95 is not None for image in result.cases)
        assert result.part == "validation"
