# SPDX-License-Identifier: BSD-3-Clause
"""Integers in the place of scales that have no common measure: which ones decide every comparison as the network does.

A sum s * x + t * y of integers x and y times scales is compared with boundaries. Integers f and g, about in proportion to s and
t, may stand for the scales where, for each boundary, f * x + g * y is larger for every (x, y) whose sum reaches the boundary
than for any whose sum does not. Given all integers but one, the sum rises with that one, so for each tuple of the others two of its
values decide: the least that reaches the boundary, and the one below it. These are found in the network's own float64
arithmetic, for all tuples. Only those whose sum lies next to the boundary can go wrong, so these are kept, and how far the
others are off says how coarse factors may be that need not look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, prod

import numpy as np
from numpy.typing import NDArray

from hw_flows.network.branches import Branch
from hw_flows.operators.shared.measure import sum_bits

#: Bits of a sum that hardware adds up and compares.
MAX_SUM_BITS = 48
#: A factor is less than this.
_MOST_FACTOR = 2**31
#: Tuples of all integers but one, times boundaries: so many float64 numbers are computed.
_MOST_COMPARED = 2**26
#: Of these at a time.
_AT_ONCE = 2**22
#: Tuples kept beside each boundary, and in all.
_MOST_KEPT, _MOST_KEPT_IN_ALL = 2**12, 2**22
#: float64 adds up a sum to within this part of its largest value.
_ROUNDING = 2.0**-48
#: Multiples of the smallest scale that are all tried, and among which those with the least error are looked for.
_TRIED, _LOOKED_AT = 64, 2**18

#: A sum, and which of its inputs.
Key = tuple[str, int]
Integers = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """Which sums add what: sum -> its two inputs, each a sum or, as (sum, place), a branch. Every sum comes after those it adds."""

    sums: Mapping[str, tuple[str | Key, ...]]

    def total(self, source: str, parts: dict[Key, np.ndarray]) -> np.ndarray:
        """What the sum `source` gives for `parts` in the places of the branches, added up in the network's order."""
        first, second = self.sums[source]
        return self._value(first, parts) + self._value(second, parts)

    def branches(self, source: str) -> list[Key]:
        """The branches that `source` is made of."""
        found: list[Key] = []
        for part in self.sums[source]:
            found += self.branches(part) if isinstance(part, str) else [part]
        return found

    def _value(self, part: str | Key, parts: dict[Key, np.ndarray]) -> np.ndarray:
        return self.total(part, parts) if isinstance(part, str) else parts[part]


class FactorSearch:
    """For the branches of a `Tree`, by (sum, place): `ask` for every quantizer that reads a sum, then `run`."""

    def __init__(self, tree: Tree, branches: dict[Key, Branch]) -> None:
        self._tree, self._branches = tree, branches
        self._questions: dict[str, _Question] = {}
        self.too_many = 0
        """Comparisons that a question would have needed, where they are more than are made."""

    def ask(self, name: str, source: str, boundaries: Values) -> None:
        """Factors must tell, for each of `boundaries` (any shape), whether the sum `source` reaches it."""
        keys = sorted(self._tree.branches(source), key=lambda key: self._reach(key))
        compared = prod(self._reach(key) for key in keys[:-1]) * int(np.isfinite(boundaries).sum())
        if compared > _MOST_COMPARED:
            self.too_many = max(self.too_many, compared)
        else:
            self._questions[name] = _Question(self._tree, source, keys, self._branches, boundaries)

    def largest(self, source: str) -> float:
        """The sum `source` lies between this and its negative."""
        return largest_sum([self._branches[key] for key in self._tree.branches(source)])

    def run(self) -> dict[Key, int] | None:
        """The smallest factors that were found."""
        if self.too_many:
            return None
        keys = list(self._branches)
        branches = list(self._branches.values())
        for factors in candidates([b.scale for b in branches], [b.high - b.low for b in branches]):
            if (
                sum_bits([branch.datatype() for branch in branches], factors) > MAX_SUM_BITS
                or max(factors) >= _MOST_FACTOR
            ):
                break
            found = dict(zip(keys, factors, strict=True))
            if all(question.decided(found) for question in self._questions.values()):
                return found
        return None

    def thresholds(self, factors: dict[Key, int]) -> dict[str, Values]:
        """Of each question, for factors that `run` gave: thresholds on whole numbers, each half an integer below the least that
        reaches it."""
        return {name: question.thresholds(factors) for name, question in self._questions.items()}

    def _reach(self, key: Key) -> int:
        return self._branches[key].high - self._branches[key].low + 1


def largest_sum(branches: Sequence[Branch]) -> float:
    return float(sum(max(-b.low, b.high, 1) * b.scale for b in branches))


class _Question:
    """What a quantizer asks of the sum `source` of the branches `keys`, of which the last has the most integers."""

    def __init__(
        self, tree: Tree, source: str, keys: list[Key], branches: dict[Key, Branch], boundaries: Values
    ) -> None:
        self._keys, self._shape = keys, boundaries.shape
        self._branches = [branches[key] for key in keys]
        flat = np.ravel(boundaries)
        self._finite = np.isfinite(flat)
        self._always = flat == -np.inf
        self._largest = largest_sum(self._branches)
        ranges = [np.arange(b.low, b.high + 1) for b in self._branches[:-1]]
        others = [axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")]
        *fixed, (last, most) = [(key, b) for key, b in zip(keys, self._branches, strict=True)]
        parts: dict[Key, np.ndarray] = {
            key: integers * b.scale for (key, b), integers in zip(fixed, others, strict=True)
        }
        kept = min(_MOST_KEPT, max(1, _MOST_KEPT_IN_ALL // max(1, int(self._finite.sum()))), len(others[0]))
        limits = flat[self._finite].reshape(-1, 1)
        step = max(1, _AT_ONCE // len(others[0]))
        found: list[tuple[_Beside, _Beside]] = []
        for start in range(0, len(limits), step):
            limit = limits[start : start + step]

            def value(integers: Integers) -> Values:
                return tree.total(source, {**parts, last: integers * most.scale})

            least = _least_that_reaches(value, limit, most)
            found.append(
                (
                    _Beside.of(value(least) - limit, least, least <= most.high, others, kept),
                    _Beside.of(limit - value(least - 1), least - 1, least > most.low, others, kept),
                )
            )
        self._reached = _Beside.joined([above for above, _ in found], len(keys))
        self._missed = _Beside.joined([below for _, below in found], len(keys))

    def decided(self, factors: dict[Key, int]) -> bool:
        """Whether the `factors` give the answer of the network for every tuple of integers."""
        own = [factors[key] for key in self._keys]
        if (self._missed.nearest(own) >= self._reached.nearest(own)).any():
            return False
        error = 2 * (self._error(own) + _ROUNDING * self._largest)
        if error > min(self._reached.room, self._missed.room):
            return False
        return bool((-self._missed.least(own, -1) < self._reached.least(own)).all())

    def thresholds(self, factors: dict[Key, int]) -> Values:
        own = [factors[key] for key in self._keys]
        ends = [sorted((f * b.low, f * b.high)) for f, b in zip(own, self._branches, strict=True)]
        low, high = sum(end[0] for end in ends), sum(end[1] for end in ends)
        result = np.where(self._always, low - 0.5, high + 0.5)
        result[self._finite] = np.minimum(self._reached.least(own), high + 1) - 0.5
        return result.reshape(self._shape)

    def _error(self, factors: Sequence[int]) -> float:
        """How far a sum of integers times `factors`, in the unit of the network, is off at most, but for what is the same for
        all tuples."""
        unit = self._branches[-1].scale / factors[-1]
        return sum(abs(f * unit - b.scale) * (b.high - b.low) / 2 for f, b in zip(factors, self._branches, strict=True))


def _least_that_reaches(value: Callable[[Integers], Values], limit: Values, branch: Branch) -> Integers:
    """(boundaries, tuples): the least integer of `branch` for which `value` is at least `limit` (boundaries, 1), one above the
    highest where there is none."""
    rest = np.asarray(value(np.zeros((1, 1), np.int64)), np.float64)
    guess = np.clip(np.ceil((limit - rest) / branch.scale), branch.low, branch.high + 1)
    least: Integers = guess.astype(np.int64)
    while True:
        lower = (least > branch.low) & (value(least - 1) >= limit)
        higher = (least <= branch.high) & (value(least) < limit)
        if not (lower.any() or higher.any()):
            return least
        least = least - lower + higher


@dataclass(frozen=True)
class _Beside:
    """Tuples of integers whose sums lie on one side of each boundary, next to it: `integers` (branches, boundaries, tuples), of which
    those that are `there` exist. The tuples left out are further off than the nearest by at least `room`."""

    integers: Integers
    there: NDArray[np.bool_]
    first: Integers
    """(branches, boundaries): the nearest tuple."""
    any_there: NDArray[np.bool_]
    room: float

    @staticmethod
    def of(distance: Values, last: Integers, there: NDArray[np.bool_], others: list[np.ndarray], kept: int) -> _Beside:
        """The `kept` nearest. `distance`, `last` integer and whether it is `there`: (boundaries, tuples)."""
        distance = np.where(there, distance, np.inf)
        places = np.argpartition(distance, kept - 1, axis=1)[:, :kept]
        near = np.take_along_axis(distance, places, 1)
        integers = np.stack([*(other[places] for other in others), np.take_along_axis(last, places, 1)])
        nearest = near.argmin(axis=1)
        rows = np.arange(len(nearest))
        room = np.inf
        if kept < distance.shape[1]:
            cut = np.isfinite(near).all(axis=1)  # else all that there are have been kept
            room = float((near[cut].max(axis=1) - near[rows, nearest][cut]).min(initial=np.inf))
        here = np.isfinite(near)
        return _Beside(integers, here, integers[:, rows, nearest], here[rows, nearest], room)

    @staticmethod
    def joined(parts: Sequence[_Beside], branches: int) -> _Beside:
        """Of more boundaries."""
        if not parts:
            none = np.zeros((branches, 0, 1), np.int64)
            return _Beside(none, np.zeros((0, 1), bool), none[:, :, 0], np.zeros(0, bool), np.inf)
        return _Beside(
            np.concatenate([part.integers for part in parts], 1),
            np.concatenate([part.there for part in parts]),
            np.concatenate([part.first for part in parts], 1),
            np.concatenate([part.any_there for part in parts]),
            min(part.room for part in parts),
        )

    def nearest(self, factors: Sequence[int]) -> Values:
        """(boundaries): what the nearest tuple becomes; not a number where there is none, which is never compared as true."""
        totals = np.tensordot(np.asarray(factors), self.first, 1)
        return np.where(self.any_there, totals, np.nan)

    def least(self, factors: Sequence[int], sign: int = 1) -> Values:
        """(boundaries): the least that a tuple becomes, times `sign`; infinite where there is none."""
        totals = sign * np.tensordot(np.asarray(factors), self.integers, 1)
        return np.asarray(np.where(self.there, totals, np.inf).min(axis=1))


def candidates(scales: Sequence[float], reaches: Sequence[int]) -> Iterator[list[int]]:
    """Factors about in proportion to `scales`, of branches of so many integers, the smallest first: all with a small one for the
    smallest scale, then those that come near to the proportion."""
    ratios = np.array(scales) / min(scales)
    multiples = np.arange(1, _LOOKED_AT + 1)
    off = (
        sum(
            np.abs(multiples * ratio - np.rint(multiples * ratio)) * reach
            for ratio, reach in zip(ratios, reaches, strict=True)
        )
        / multiples
    )
    best = np.minimum.accumulate(off)
    found = {*range(1, _TRIED + 1), *(2**bits for bits in range(7, 31))}
    found.update(int(k) for k in multiples[1:][best[1:] < best[:-1]])
    for scale in scales:
        ratio = Fraction(scale) / Fraction(min(scales))
        found.update(ratio.limit_denominator(2**bits).denominator for bits in range(12, 31))
    seen = set()
    for multiple in sorted(found):
        factors = [round(Fraction(scale) / Fraction(min(scales)) * multiple) for scale in scales]
        divisor = gcd(*factors)
        factors = [factor // divisor for factor in factors]
        if tuple(factors) not in seen:
            seen.add(tuple(factors))
            yield factors
