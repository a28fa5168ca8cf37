# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest

from quantunet_lab.experiment.statistics import Spread
from tests.quantunet_lab.experiment.test_goal import variant


def test_spread_of_three_values() -> None:
    spread = Spread((1.0, 2.0, 3.0))
    assert (spread.mean, spread.deviation) == (2.0, 1.0)
    assert spread.standard_error == pytest.approx(3**-0.5)
    assert Spread((5.0,)).deviation == 0.0


def test_differences_are_of_the_same_seed() -> None:
    one, other = variant("a", 0.5, 0.9, seeds=(0, 1, 5)), variant("b", 0.4, 0.9, seeds=(1, 0, 3))
    difference = one.less(other, lambda result: result.dice)
    assert difference is not None
    assert difference.values == pytest.approx((0.1, 0.1))
    assert one.less(variant("c", 0.4, 0.9, seeds=(9,)), lambda result: result.dice) is None
