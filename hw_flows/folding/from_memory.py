# SPDX-License-Identifier: BSD-3-Clause
"""Folding where weights may come from the board's memory: the choice that needs less of the device, and more of its memory's time."""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.folding.choose import Folding, Shortage, cheapest_for, cheapest_within, least_share
from hw_flows.folding.network import Trial, apply, current_waits, trial_with
from hw_flows.folding.problem import Amounts, Option, Problem
from hw_flows.operators.alternatives import Alternative

Choose = Callable[[Problem], Folding | Shortage | None]
#: The problem is solved again as long as skip connections wait this much longer than it was told, and so many times.
_LONGER, _ROUNDS = 1.05, 4
#: Where a rate cannot be had: a slower one that is tried, in times its cycles.
_SLOWER = 4
#: Cycles a frame of the slowest folding that is thought of, a frame in a second or so, and of the fastest.
_SLOWEST, _FASTEST = 10**8, 2**10
#: Rates that the relaxed problem is asked for, each this many times slower than the one before.
_RATE = 1.04
#: Rates that are tried, in times the cycles of the fastest at which the relaxed problem fits.
_TRIED = (1.0, 1.04, 1.08, 1.15, 1.25, 1.4, 1.7, 2.0, 3.0, 4.0, 8.0, 16.0)


def fold_from_memory(
    model: ModelWrapper,
    alternatives: Sequence[Alternative],
    budget: Amounts,
    target: int | None,
    fixed: Amounts,
    forced: bool = False,
) -> Folding | Shortage:
    """The cheapest folding of at most `target` cycles, or about the fastest, with the alternatives that pay; `forced`: with all.

    `fixed`: what reading the memory costs.

    Units that work on blocks of rows give results later, so skip connections wait longer, by how much depends on the choice.
    The problem is solved again with what its own solution makes them wait.
    """
    if target is None:
        return _fastest(model, alternatives, budget, fixed, forced)
    found = _cheapest(model, alternatives, budget, target, fixed, forced)
    if isinstance(found, Shortage):
        slower = _cheapest(model, alternatives, budget, _SLOWER * target, fixed, forced)
        if isinstance(slower, Folding):
            return replace(found, options=(), fastest=slower)
    return found


def _cheapest(
    model: ModelWrapper, alternatives: Sequence[Alternative], budget: Amounts, cycles: int, fixed: Amounts, forced: bool
) -> Folding | Shortage:
    def choose(problem: Problem) -> Folding | Shortage:
        return cheapest_for(problem, budget, cycles)

    found = _fold(trial_with(model, alternatives, cycles), choose, fixed, forced)
    assert found is not None
    return found


def _fastest(
    model: ModelWrapper, alternatives: Sequence[Alternative], budget: Amounts, fixed: Amounts, forced: bool
) -> Folding | Shortage:
    """A folding within a few per cent of the fastest: the relaxed problem, solved in seconds at any rate, says where to look. A
    search among whole choices takes minutes at each rate that only just fits."""
    waiting = _waiting(model, alternatives, None)

    def least(cycles: int) -> tuple[float, Amounts]:
        problem = replace(trial_with(model, alternatives, cycles).problem(waiting), fixed=fixed)
        return least_share(problem.with_second() if forced else problem, budget, cycles)

    rates = [float(_FASTEST)]
    while rates[-1] < _SLOWEST:
        rates.append(rates[-1] * _RATE)
    first = bisect_left(rates, True, key=lambda rate: least(int(rate))[0] <= 1)
    if first == len(rates):
        return Shortage(least(_SLOWEST)[1], budget)
    for cycles in takewhile(lambda cycles: cycles <= _SLOWEST, (int(times * rates[first]) for times in _TRIED)):

        def choose(problem: Problem, cycles: int = cycles) -> Folding | None:
            return cheapest_within(problem, budget, cycles)

        found = _fold(trial_with(model, alternatives, cycles), choose, fixed, forced)
        if isinstance(found, Folding):
            return replace(found, target_cycles=None)
    return _cheapest(model, alternatives, budget, _SLOWEST, fixed, forced)


def _fold(trial: Trial, choose: Choose, fixed: Amounts, forced: bool) -> Folding | Shortage | None:
    """What is chosen of the problem, solved until skip connections wait no longer than it was told."""
    waiting = _waiting(trial.model, trial.alternatives, None)
    for _ in range(_ROUNDS):
        problem = replace(trial.problem(waiting), fixed=fixed)
        folding = choose(problem.with_second() if forced else problem)
        if not isinstance(folding, Folding):
            break
        longer = _waiting(trial.model, trial.alternatives, folding.options)
        if all(frames <= _LONGER * waiting.get(name, 0.0) for name, frames in longer.items()):
            break
        waiting = longer
    return folding


def _waiting(
    model: ModelWrapper, alternatives: Sequence[Alternative], options: tuple[Option, ...] | None
) -> Mapping[str, float]:
    """Frames that tensors wait where `options` are chosen, else with all alternatives as they come."""
    trial = copy.deepcopy(model)
    if options is None:
        for alternative in alternatives:
            alternative.take(trial, [()] * len(alternative.nodes))
    else:
        apply(trial, options, alternatives)
    return current_waits(trial)
