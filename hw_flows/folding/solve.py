# SPDX-License-Identifier: BSD-3-Clause
"""The choice as a mixed-integer program, solved by HiGHS (through SciPy).

One binary variable an option. Lanes of two neighbours choose what stands between them: one continuous variable for each
pair of lanes, whose sums over one side are that side's choice of lanes (the transport form, whose relaxation is tight).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from hw_flows.folding.problem import NOTHING, RESOURCES, Amounts, Problem
from hw_flows.folding.prune import pruned

#: Weight of the sum of all resources beside the scarcest.
SUM_WEIGHT = 0.01
#: The solver stops where no better choice can be better by more than this share.
GAP = 0.003
#: Branch-and-bound nodes. A limit in seconds would make the result depend on the machine.
NODES = 400
#: Share of the budget that decides nothing between two options (see `prune.pruned`); it makes the solver much faster.
NEGLIGIBLE = 2e-5
#: Limits where a choice only just does not fit; then no difference is negligible.
THOROUGH_GAP, THOROUGH_NODES = 1e-4, 400
#: Amounts of a budget of nothing are compared with this much instead of dividing by zero.
_SMALL = 1e-3


@dataclass(frozen=True)
class Solution:
    """A solution. `share`: the largest part that is used of any resource's budget; above 1 it does not fit."""

    share: float
    options: tuple[int, ...]
    """For each operator a position among its options in the problem given; empty for the relaxed problem."""
    used: Amounts


def cheapest(problem: Problem, budget: Amounts, thorough: bool = False) -> Solution | None:
    """The choice whose scarcest resource is least used, then the sum of all; None where the solver gave up."""
    small = pruned(problem, _positive(budget), 0.0 if thorough else NEGLIGIBLE)
    gap, nodes = (THOROUGH_GAP, THOROUGH_NODES) if thorough else (GAP, NODES)
    solved = _solve(small, budget, {"mip_rel_gap": gap, "node_limit": nodes})
    if solved is None:
        return None
    positions = []
    for own, less, at in zip(problem.operators, small.operators, solved.options, strict=True):
        positions.append(own.options.index(less.options[at]))
    chosen = tuple(o.options[i] for o, i in zip(problem.operators, positions, strict=True))
    used = problem.cost(chosen)
    return Solution(share_of(used, budget), tuple(positions), used)


def relaxed_share(problem: Problem, budget: Amounts) -> Solution:
    """The same with fractions of options allowed: no choice uses less of its scarcest resource than this."""
    solved = _solve(pruned(problem, _positive(budget)), budget)
    assert solved is not None, "the relaxed problem always has a solution"
    return solved


def share_of(used: Amounts, budget: Amounts) -> float:
    return max(u / b for u, b in zip(used, _positive(budget), strict=True))


def _positive(budget: Amounts) -> Amounts:
    return tuple(max(b, _SMALL) for b in budget)


class _Program:
    """Rows and columns of a linear program while they are collected."""

    def __init__(self) -> None:
        self.columns = 0
        self.rows = 0
        self._entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def column(self, count: int) -> int:
        first = self.columns
        self.columns += count
        return first

    def row(self, entries: list[tuple[int, float]], low: float, high: float) -> None:
        self._entries += [(self.rows, column, value) for column, value in entries]
        self.low.append(low)
        self.high.append(high)
        self.rows += 1

    def constraint(self) -> LinearConstraint:
        rows, columns, values = zip(*self._entries, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(self.rows, self.columns)).tocsr()
        return LinearConstraint(matrix, self.low, self.high)


def _solve(problem: Problem, budget: Amounts, limits: dict[str, float] | None = None) -> Solution | None:
    """Without `limits` the relaxed problem, whose only aim is the scarcest resource."""
    relaxed = limits is None
    program = _Program()
    first = [program.column(len(o.options)) for o in problem.operators]
    binaries = program.columns
    usage: list[list[tuple[int, float]]] = [[] for _ in RESOURCES]

    def spend(column: int, cost: Amounts) -> None:
        for entries, amount in zip(usage, cost, strict=True):
            if amount:
                entries.append((column, amount))

    for start, operator in zip(first, problem.operators, strict=True):
        program.row([(start + i, 1.0) for i in range(len(operator.options))], 1, 1)
        for i, option in enumerate(operator.options):
            spend(start + i, option.cost)
    for either in problem.alternatives:
        chosen_second = first[either.first[0]] + problem.operators[either.first[0]].absent
        for i in either.first[1:]:
            program.row([(first[i] + problem.operators[i].absent, 1.0), (chosen_second, -1.0)], 0, 0)
        for i in either.second:
            program.row([(first[i] + problem.operators[i].absent, 1.0), (chosen_second, 1.0)], 1, 1)
    for link in problem.links:
        sides = []
        for position, lanes_of in (
            (link.producer, [o.outputs[link.output] for o in problem.operators[link.producer].options]),
            (link.consumer, [o.inputs[link.input] for o in problem.operators[link.consumer].options]),
        ):
            sides.append(
                {
                    lanes: [first[position] + i for i, own in enumerate(lanes_of) if own == lanes]
                    for lanes in sorted(set(lanes_of))
                }
            )
        out, into = sides
        pairs = [(a, b) for a in out for b in into]
        if not any(any(link.cost.get(pair, NOTHING)) for pair in pairs):
            continue
        if len(out) == 1 or len(into) == 1:  # one side is settled, so the other's options bear the cost
            for a, b in pairs:
                for column in into[b] if len(out) == 1 else out[a]:
                    spend(column, link.cost.get((a, b), NOTHING))
            continue
        start = program.column(len(pairs))
        column_of = {pair: start + i for i, pair in enumerate(pairs)}
        for a, options in out.items():
            program.row([(column_of[a, b], 1.0) for b in into] + [(c, -1.0) for c in options], 0, 0)
        for b, options in into.items():
            program.row([(column_of[a, b], 1.0) for a in out] + [(c, -1.0) for c in options], 0, 0)
        for pair in pairs:
            spend(column_of[pair], link.cost.get(pair, NOTHING))

    share = program.column(1)
    weights = np.zeros(program.columns)
    weights[share] = 1.0
    for entries, limit, fixed in zip(usage, _positive(budget), problem.fixed, strict=True):
        merged: dict[int, float] = {}
        for column, amount in entries:
            merged[column] = merged.get(column, 0.0) + amount / limit
            weights[column] += SUM_WEIGHT * amount / limit
        program.row([*merged.items(), (share, -1.0)], -np.inf, -fixed / limit)

    integrality = np.zeros(program.columns)
    upper = np.ones(program.columns)
    upper[share] = np.inf
    if relaxed:
        weights = np.zeros(program.columns)
        weights[share] = 1.0
    else:
        integrality[:binaries] = 1
    result = milp(
        weights,
        constraints=program.constraint(),
        bounds=Bounds(np.zeros(program.columns), upper),
        integrality=integrality,
        options=limits,
    )
    if result.x is None:
        return None
    used = tuple(
        float(fixed + sum(amount * result.x[column] for column, amount in entries))
        for entries, fixed in zip(usage, problem.fixed, strict=True)
    )
    if relaxed:
        return Solution(float(result.x[share]), (), used)
    chosen = tuple(
        int(np.argmax(result.x[start : start + len(o.options)]))
        for start, o in zip(first, problem.operators, strict=True)
    )
    return Solution(float(result.x[share]), chosen, used)
