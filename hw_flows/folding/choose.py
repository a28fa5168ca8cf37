# SPDX-License-Identifier: BSD-3-Clause
"""The fastest folding within a budget, or the cheapest that is fast enough; what stands in the way of a better one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, inf

from hw_flows.folding.problem import NOTHING, RESOURCES, Amounts, Option, Problem, dram_of
from hw_flows.folding.solve import Solution, cheapest, relaxed_share

#: Room for rounding in the comparison of a relaxed problem with its budget.
_TOLERANCE = 1e-6
#: Steps of rates that are slower than every operator.
_SLOWER = 1.05
#: Shares up to this much above 1 may be due to the solver's own limits.
_NEAR = 0.005


@dataclass(frozen=True)
class Folding:
    """A choice, one option an operator, and how good it is."""

    options: tuple[Option, ...]
    target_cycles: int | None
    """Cycles per frame asked for; None: as few as fit."""
    cycles: int
    """Cycles per frame: those of the slowest operator, or what reading the board's memory takes."""
    bound_cycles: int
    """No folding within the budget takes fewer cycles: below, not even the relaxed problem fits, in which operators may
    mix their options of up to that many cycles."""
    limited_by: tuple[str, ...]
    """What keeps the network from being faster: resources, or the operator that is as fast as it gets."""
    bottleneck: str
    """The slowest operator."""
    used: Amounts
    budget: Amounts

    @property
    def gap(self) -> float:
        """Relative distance to the bound (0 = optimal); 0 where the target rate is met."""
        best = max(self.bound_cycles, self.target_cycles or 0)
        return max(0.0, self.cycles / best - 1)


@dataclass(frozen=True)
class Shortage:
    """Why there is no folding: what even the cheapest one uses beyond the budget."""

    used: Amounts
    budget: Amounts
    fastest: Folding | None = None
    """The fastest folding that fits, where there is one."""
    too_slow: tuple[str, ...] = ()
    """Operators that cannot be as fast as asked for at any cost."""
    options: tuple[Option, ...] = ()
    """The cheapest folding, one option an operator, where nothing fits at any rate and the solver found one."""

    @property
    def over(self) -> dict[str, tuple[float, float]]:
        """Resource -> (needed, available) of those that do not suffice."""
        rows = zip(RESOURCES, self.used, self.budget, strict=True)
        return {name: (used, limit) for name, used, limit in rows if used > limit}


def fastest(problem: Problem, budget: Amounts) -> Folding | Shortage:
    """The least cycles per frame whose cost is within `budget`, and of those the choice with most room left."""
    at = _Rates(problem, budget)
    bound = _first(at.rates, lambda rate: at.relaxed(rate) <= 1 + _TOLERANCE)
    if bound is None:
        return _shortage(at)
    rates = at.rates[at.rates.index(bound) :]
    best = bound if at.fitting(bound) else _first(rates[1:], lambda rate: at.fitting(rate) is not None)
    choice = None if best is None else at.fitting(best)
    if best is None or choice is None:
        return _shortage(at)
    return _folding(at, choice, bound, None, best)


def cheapest_for(problem: Problem, budget: Amounts, target_cycles: int) -> Folding | Shortage:
    """The choice of at most `target_cycles` that uses least of its scarcest resource, then of all."""
    at = _Rates(problem, budget)
    if found := _cheapest_for(at, target_cycles):
        return found
    reachable = fastest(problem, budget)
    if isinstance(reachable, Shortage):
        return reachable
    quick_enough = [rate for rate in at.rates if rate <= target_cycles]
    used = at.least_use(quick_enough[-1]) if quick_enough else NOTHING
    return Shortage(used, budget, reachable, problem.too_slow(target_cycles))


def cheapest_within(problem: Problem, budget: Amounts, target_cycles: int) -> Folding | None:
    """As `cheapest_for`, without a look for what stands in the way where there is none."""
    return _cheapest_for(_Rates(problem, budget), target_cycles)


def least_share(problem: Problem, budget: Amounts, cycles: int) -> tuple[float, Amounts]:
    """No folding of at most `cycles` uses a smaller share of its scarcest resource; and what the relaxed problem uses."""
    within = problem.within(cycles)
    if within is None:
        return inf, NOTHING
    relaxed = relaxed_share(within, budget)
    return relaxed.share, relaxed.used


def _cheapest_for(at: _Rates, target_cycles: int) -> Folding | None:
    quick_enough = [rate for rate in at.rates if rate <= target_cycles]
    choice = at.fitting(quick_enough[-1]) if quick_enough else None
    if choice is None:
        return None
    bound = _first(at.rates, lambda rate: at.relaxed(rate) <= 1 + _TOLERANCE)
    assert bound is not None
    return _folding(at, choice, bound, target_cycles, quick_enough[-1])


def frame_cycles(options: Sequence[Option], budget: Amounts) -> int:
    """Cycles per frame of operators built so: those of the slowest, or what the board's memory needs for all that is read."""
    read = sum(option.dram_bytes for option in options)
    in_memory = ceil(read / dram_of(budget)) if read else 0
    return max(in_memory, *(option.cycles for option in options))


class _Rates:
    """The problem for each number of cycles per frame that it can have; answers are kept."""

    def __init__(self, problem: Problem, budget: Amounts) -> None:
        self.problem, self.budget = problem, budget
        self.rates = _slower(problem, problem.rates(), dram_of(budget))
        self.relaxed = cache(self._relaxed)
        self.fitting = cache(self._fitting)

    def within(self, cycles: int) -> Problem:
        problem = self.problem.within(cycles)
        assert problem is not None
        return problem

    def _relaxed(self, cycles: int) -> float:
        return relaxed_share(self.within(cycles), self.budget).share

    def _fitting(self, cycles: int) -> Solution | None:
        """The cheapest choice of at most `cycles`, if it fits. A near miss is solved again, to the last."""
        if self.relaxed(cycles) > 1 + _TOLERANCE:
            return None
        choice = cheapest(self.within(cycles), self.budget)
        if choice is None or 1 < choice.share < 1 + _NEAR:
            choice = cheapest(self.within(cycles), self.budget, thorough=True)
        return choice if choice is not None and choice.share <= 1 else None

    def least_use(self, cycles: int) -> Amounts:
        """What the cheapest choice of at most `cycles` uses, whether it fits or not."""
        choice = cheapest(self.within(cycles), self.budget)
        return choice.used if choice is not None else relaxed_share(self.within(cycles), self.budget).used

    def options(self, cycles: int, choice: Solution) -> tuple[Option, ...]:
        operators = self.within(cycles).operators
        return tuple(o.options[i] for o, i in zip(operators, choice.options, strict=True))


def _slower(problem: Problem, rates: list[int], dram: float) -> list[int]:
    """The rates, and behind them slower ones at which the memory brings all that may be read."""
    most = sum(max(option.dram_bytes for option in o.options) for o in problem.operators)
    while dram and rates[-1] < most / dram:
        rates.append(ceil(_SLOWER * rates[-1]))
    return rates


def _first(rates: list[int], holds: Callable[[int], bool]) -> int | None:
    """The first of the rising `rates` for which a property holds that, once it holds, holds for all after it."""
    low, high = 0, len(rates) - 1
    if high < 0 or not holds(rates[high]):
        return None
    while low < high:
        middle = (low + high) // 2
        if holds(rates[middle]):
            high = middle
        else:
            low = middle + 1
    return rates[low]


def _folding(at: _Rates, choice: Solution, bound: int, target: int | None, rate: int) -> Folding:
    options = at.options(rate, choice)
    cycles = frame_cycles(options, at.budget)
    names = [o.name for o in at.problem.operators]
    slowest = max(zip(options, names, strict=True), key=lambda pair: pair[0].cycles)[1]
    return Folding(
        options,
        target,
        cycles,
        bound,
        _limits(at, bound if target is None else min(bound, cycles)),
        slowest,
        choice.used,
        at.budget,
    )


def _limits(at: _Rates, bound: int) -> tuple[str, ...]:
    """What the relaxed problem lacks just below its bound; at the very least, the operators that cannot be faster."""
    faster = [rate for rate in at.rates if rate < bound]
    if not faster:
        return tuple(o.name for o in at.problem.operators if o.least_cycles == bound)
    relaxed = relaxed_share(at.within(faster[-1]), at.budget)
    return tuple(
        name
        for name, used, limit in zip(RESOURCES, relaxed.used, at.budget, strict=True)
        if used > 0 and used >= (1 - 1e-4) * relaxed.share * limit
    )


def _shortage(at: _Rates) -> Shortage:
    slowest = at.rates[-1]
    choice = cheapest(at.within(slowest), at.budget)
    if choice is None:
        return Shortage(at.least_use(slowest), at.budget)
    return Shortage(choice.used, at.budget, options=at.options(slowest, choice))
