# SPDX-License-Identifier: BSD-3-Clause
"""Common measures of scales."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.operators.shared.measure import common_measure


@pytest.mark.parametrize(
    ("scales", "measure", "multiples"),
    [
        ([0.25, 0.25], 0.25, (1, 1)),
        ([0.25, 1.0], 0.25, (1, 4)),
        ([0.5, -0.75], 0.25, (2, -3)),
        ([-0.5, -0.75], 0.25, (-2, -3)),
        ([6.0, 10.0, 15.0], 1.0, (6, 10, 15)),
    ],
)
def test_of_scales_that_have_one(scales: list[float], measure: float, multiples: tuple[int, ...]) -> None:
    assert common_measure(scales, 256) == (measure, multiples)


@pytest.mark.parametrize("scales", [[1.0, 257.0], [0.3, float(np.float32(0.3)) * 1.001], [1.0, 1 + 2.0**-23]])
def test_of_scales_that_have_none(scales: list[float]) -> None:
    assert common_measure(scales, 256) is None


@given(st.floats(2**-20, 1024, width=32), st.integers(1, 256), st.integers(1, 256))
def test_rounding_of_float64_makes_no_difference(scale: float, p: int, q: int) -> None:
    found = common_measure([scale * p * 1.1 / 1.1, scale / 7 * (7 * q)], 256)
    assert found is not None
    measure, multiples = found
    assert multiples[0] * q == multiples[1] * p
    assert measure * multiples[1] == pytest.approx(scale * q, rel=1e-14)
