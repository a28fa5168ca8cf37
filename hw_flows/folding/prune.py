# SPDX-License-Identifier: BSD-3-Clause
"""Options that cannot be part of a best choice, left out before the solver sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hw_flows.folding.problem import NOTHING, RESOURCES, Amounts, Link, Operator, Option, Problem


def pruned(problem: Problem, budget: Amounts, negligible: float = 0.0) -> Problem:
    """Each operator's Pareto front in the resources, whatever its neighbours do.

    Cycles do not count: all options of `problem` are meant to be fast enough. An option goes where another costs no
    more of any resource, even with the neighbour's lanes that suit it least in comparison.

    It also goes where another is worse by no more than the share `negligible` of the budget of every resource, which
    the solver need not tell apart.
    """
    operators = list(problem.operators)
    for position, operator in enumerate(operators):
        worse = [
            _comparison(operator.options, link, True, operators[link.consumer].options)
            for link in problem.links
            if link.producer == position
        ]
        worse += [
            _comparison(operator.options, link, False, operators[link.producer].options)
            for link in problem.links
            if link.consumer == position
        ]
        operators[position] = Operator(operator.name, _front(operator.options, worse, budget, negligible))
    return replace(problem, operators=tuple(operators))


def worth_having(options: Sequence[Option]) -> list[Option]:
    """Without those that another one beats, or equals, in cycles, in every resource and in what it reads, with the same lanes."""
    kept = []
    by_lanes: dict[tuple, list[Option]] = {}
    for option in options:
        by_lanes.setdefault((option.inputs, option.outputs), []).append(option)
    for alike in by_lanes.values():
        amounts = np.array([(option.cycles, option.dram_bytes, *option.cost) for option in alike])
        order = np.argsort(amounts.sum(axis=1), kind="stable")  # what beats another one has less in all
        front: list[int] = []
        for candidate in order:
            if not (amounts[front] <= amounts[candidate]).all(axis=1).any():
                front.append(int(candidate))
        kept += [alike[i] for i in sorted(front)]
    return kept


def _front(
    options: tuple[Option, ...], worse: list[np.ndarray], budget: Amounts, negligible: float
) -> tuple[Option, ...]:
    present = [i for i, option in enumerate(options) if option.present]
    if len(present) < len(options):  # not to build it costs nothing, and is no comparison
        worse = [more[np.ix_(present, present)] for more in worse]
        built = _front(tuple(options[i] for i in present), worse, budget, negligible) if present else ()
        return (*built, *(option for option in options if not option.present))
    costs = np.array([option.cost for option in options])
    limit = negligible * np.array(budget)
    # difference[a, b, r]: how much more of r option a may take than option b
    difference = costs[:, None, :] - costs[None, :, :] + sum(worse, np.zeros(1))
    total = (costs / np.array(budget)).sum(axis=1)
    order = np.argsort(total, kind="stable")
    kept: list[int] = []
    for candidate in order:
        if not any((difference[other, candidate] <= limit).all() for other in kept):
            kept.append(int(candidate))
    return tuple(options[i] for i in sorted(kept))


def _comparison(options: tuple[Option, ...], link: Link, producing: bool, partners: tuple[Option, ...]) -> np.ndarray:
    """[a, b, r]: how much more of r the link may take with option a than with option b, over the partner's lanes."""
    own = [o.outputs[link.output] if producing else o.inputs[link.input] for o in options]
    other = sorted({o.inputs[link.input] if producing else o.outputs[link.output] for o in partners})
    lanes = sorted(set(own))
    cost = np.zeros((len(lanes), len(other), len(RESOURCES)))
    for i, mine in enumerate(lanes):
        for j, theirs in enumerate(other):
            cost[i, j] = link.cost.get((mine, theirs) if producing else (theirs, mine), NOTHING)
    more = (cost[:, None] - cost[None, :]).max(axis=2)
    index = np.searchsorted(lanes, own)
    return np.asarray(more[np.ix_(index, index)])
