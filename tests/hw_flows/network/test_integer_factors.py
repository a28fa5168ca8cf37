# SPDX-License-Identifier: BSD-3-Clause
"""Integers for scales, against every tuple of integers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.network.branches import Branch
from hw_flows.network.integer_factors import FactorSearch, Tree, candidates

_SCALES = st.floats(0.01, 3.0)
#: Beside what sums of round scales give, where float64 rounds.
_BOUNDARIES = st.integers(-50, 200).map(lambda number: number + 0.0031415926)


def _search(scales: list[float], ends: list[tuple[int, int]], boundaries: np.ndarray) -> FactorSearch:
    """Branches of so many integers added from the left; one question."""
    tree = {f"t{i}": ((f"t{i - 1}" if i > 1 else ("t1", 0)), (f"t{i}", 1)) for i in range(1, len(scales))}
    keys = [("t1", 0), *((f"t{i}", 1) for i in range(1, len(scales)))]
    branches = [Branch(s, low, high, "b") for s, (low, high) in zip(scales, ends, strict=True)]
    search = FactorSearch(Tree(tree), dict(zip(keys, branches, strict=True)))
    search.ask("q", f"t{len(scales) - 1}", boundaries)
    return search


def _every_tuple(ends: list[tuple[int, int]]) -> list[np.ndarray]:
    return [a.ravel() for a in np.meshgrid(*(np.arange(low, high + 1) for low, high in ends), indexing="ij")]


def _assert_decides(scales: list[float], ends: list[tuple[int, int]], boundaries: np.ndarray) -> list[int]:
    search = _search(scales, ends, boundaries)
    found = search.run()
    assert found is not None
    factors, integers = list(found.values()), _every_tuple(ends)
    sums = sum(i * s for i, s in zip(integers, scales, strict=True))
    totals = sum(i * f for i, f in zip(integers, factors, strict=True))
    thresholds = search.thresholds(found)["q"]
    assert thresholds.shape == boundaries.shape
    for boundary, threshold in zip(boundaries.ravel(), thresholds.ravel(), strict=True):
        np.testing.assert_array_equal(totals >= threshold, sums >= boundary)
    return factors


@settings(max_examples=60, deadline=None)
@given(_SCALES, _SCALES, st.integers(-90, 0), st.integers(1, 90), st.integers(1, 200), st.data())
def test_two_branches(s: float, t: float, low: int, high: int, most: int, data: st.DataObject) -> None:
    boundaries = np.array(data.draw(st.lists(_BOUNDARIES, min_size=1, max_size=8)))
    _assert_decides([s, t], [(low, high), (0, most)], boundaries.reshape(1, -1))


@settings(max_examples=20, deadline=None)
@given(st.lists(_SCALES, min_size=3, max_size=3), st.lists(_BOUNDARIES, min_size=2, max_size=6))
def test_three_branches(scales: list[float], boundaries: list[float]) -> None:
    _assert_decides(scales, [(-8, 7), (0, 15), (-3, 20)], np.array([boundaries]))


def test_a_boundary_that_is_a_sum_is_reached_by_it() -> None:
    scales = [0.3, 0.7]
    sums = sorted(x * scales[0] + y * scales[1] for x in range(-4, 12) for y in range(0, 9))
    _assert_decides(scales, [(-4, 11), (0, 8)], np.array([sums[::7]]))


def test_boundaries_beyond_all_sums_are_always_or_never_reached() -> None:
    boundaries = np.array([[-np.inf, -50.0, 0.4, 50.0, np.inf]])
    _assert_decides([0.3, 0.7], [(-4, 11), (0, 8)], boundaries)


def test_wide_sums_of_convolutions_need_factors_of_many_bits() -> None:
    """Too many pairs to try: those next to the boundaries are, with their neighbours."""
    scales, ends = [0.0123456789, 0.0171717171], [(-9000, 9000), (-7000, 11000)]
    boundaries = np.linspace(-150.1, 160.3, 15)
    search = _search(scales, ends, boundaries)
    found = search.run()
    assert found is not None
    factors, thresholds = list(found.values()), search.thresholds(found)["q"]
    assert max(factors) > 1000
    x = np.arange(ends[0][0], ends[0][1] + 1)
    for boundary, threshold in zip(boundaries, thresholds, strict=True):
        near = np.floor((boundary - x * scales[0]) / scales[1]).astype(np.int64)
        for offset in range(-2, 3):
            y = np.clip(near + offset, *ends[1])
            reached = x * scales[0] + y * scales[1] >= boundary
            np.testing.assert_array_equal(factors[0] * x + factors[1] * y >= threshold, reached)


def test_too_many_comparisons_are_counted_and_not_made() -> None:
    search = _search([0.3, 0.7], [(0, 2**15 - 1), (0, 2**16)], np.zeros(2**14))
    assert search.too_many == 2**29
    assert search.run() is None


@pytest.mark.parametrize("scales", [[0.3, 0.7], [0.31, 0.77, 0.5123]])
def test_candidates_rise_and_come_nearer_to_the_scales(scales: list[float]) -> None:
    found = list(candidates(scales, [100] * len(scales)))
    assert all(max(first) <= max(second) for first, second in pairwise(found))
    ratio = np.array(found[-1]) / min(found[-1])
    np.testing.assert_allclose(ratio, np.array(scales) / min(scales), rtol=1e-8)
    assert len({tuple(factors) for factors in found}) == len(found)
