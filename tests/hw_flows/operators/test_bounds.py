# SPDX-License-Identifier: BSD-3-Clause
"""What an ONNX Slice keeps, against NumPy's slices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.operators.shared.bounds import bounds

NUMBERS = st.integers(-9, 9)


@given(start=NUMBERS, end=NUMBERS, step=st.integers(1, 3), axis=st.integers(-2, 1))
def test_a_slice_is_numpy_s(start: int, end: int, step: int, axis: int) -> None:
    x = np.arange(5 * 7).reshape(5, 7)
    kept = bounds(x.shape, [np.array([n]) for n in (start, end, axis, step)])
    slices = [slice(None)] * 2
    slices[axis] = slice(start, end, step)
    expected = x[tuple(slices)]
    assert (kept is None) == (expected.size == 0)
    if kept is not None:
        np.testing.assert_array_equal(x[kept.slices()], expected)


def test_slices_of_slices_add_up() -> None:
    x = np.arange(9 * 9).reshape(9, 9)
    outer = bounds((9, 9), [np.array([1, 2]), np.array([9, 8])])
    assert outer is not None
    inner = bounds((8, 6), [np.array([1]), np.array([2**62]), np.array([1]), np.array([2])])
    assert inner is not None
    np.testing.assert_array_equal(x[inner.within(outer).slices()], x[1:, 2:8][:, 1::2])


@pytest.mark.parametrize(
    "numbers",
    [
        [[0], [5], [2]],
        [[0, 1], [5]],
        [[0], [5], [0], [-1]],
        [[0], [5], [0], [0]],
        [None, [5]],
    ],
    ids=["no such axis", "other lengths", "backwards", "a step of 0", "computed"],
)
def test_what_is_no_crop_is_none(numbers: list[Any]) -> None:
    assert bounds((5, 7), [None if n is None else np.array(n) for n in numbers]) is None
