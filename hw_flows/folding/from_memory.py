# SPDX-License-Identifier: BSD-3-Clause
"""Folding where weights may come from the board's memory: the choice that needs less of the device, and more of its memory's time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import log2

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.folding.choose import Folding, Shortage, cheapest_for, fastest
from hw_flows.folding.network import Trial, apply, current_waits, trial_with
from hw_flows.folding.problem import Amounts, Option, Problem
from hw_flows.operators.alternatives import Alternative

Choose = Callable[[Problem], Folding | Shortage]
#: The problem is solved again as long as skip connections wait this much longer than it was told, and so many times.
_LONGER, _ROUNDS = 1.05, 4
#: Where a rate cannot be had: a slower one that is tried, in times its cycles.
_SLOWER = 4
#: Cycles a frame of the slowest folding that is thought of, a frame in a second or so, and of the fastest.
_SLOWEST, _FASTEST = 10**8, 2**10


def fold_from_memory(
    model: ModelWrapper,
    alternatives: Sequence[Alternative],
    budget: Amounts,
    target: int | None,
    fixed: Amounts,
    forced: bool = False,
) -> Folding | Shortage:
    """The cheapest folding of at most `target` cycles, or the fastest, with the alternatives that pay; `forced`: with all.

    `fixed`: what reading the memory costs.

    Units that work on blocks of rows give results later, so skip connections wait longer, by how much depends on the choice.
    The problem is solved again with what its own solution makes them wait.
    """

    def fold(cycles: int, choose: Choose) -> Folding | Shortage:
        return _fold(trial_with(model, alternatives, cycles), choose, fixed, forced)

    def cheapest(cycles: int) -> Folding | Shortage:
        return fold(cycles, lambda problem: cheapest_for(problem, budget, cycles))

    if target is not None:
        found = cheapest(target)
        if isinstance(found, Shortage) and isinstance(slower := cheapest(_SLOWER * target), Folding):
            return replace(found, options=(), fastest=slower)
        return found
    slow = cheapest(_SLOWEST)
    if isinstance(slow, Shortage):  # at no rate at all
        return slow
    # Rates are halved as long as there is a folding; options of other rates would only make the problem larger.
    least, most = 0, int(log2(_SLOWEST / _FASTEST))
    while least < most:
        middle = (least + most + 1) // 2
        fits = isinstance(cheapest(_SLOWEST >> middle), Folding)
        least, most = (middle, most) if fits else (least, middle - 1)
    fast = fold(_SLOWEST >> least, lambda problem: fastest(problem, budget))
    return fast if isinstance(fast, Folding) else slow


def _fold(trial: Trial, choose: Choose, fixed: Amounts, forced: bool) -> Folding | Shortage:
    """What is chosen of the problem, solved until skip connections wait no longer than it was told."""
    waiting = _waiting(trial.model, trial.alternatives, None)
    for _ in range(_ROUNDS):
        problem = replace(trial.problem(waiting), fixed=fixed)
        folding = choose(problem.with_second() if forced else problem)
        if isinstance(folding, Shortage):
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
