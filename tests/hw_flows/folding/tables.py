# SPDX-License-Identifier: BSD-3-Clause
"""Small made-up problems, and their answers by trying every choice."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from hw_flows.folding.problem import NOTHING, RESOURCES, Amounts, Link, Operator, Option, Problem

LANES = (1, 2, 4)


def amounts(**named: float) -> Amounts:
    return tuple(float(named.get(name, 0)) for name in RESOURCES)


def some_amounts(most: int) -> st.SearchStrategy[Amounts]:
    return st.tuples(*[st.integers(0, most).map(float) for _ in RESOURCES])


@st.composite
def options(draw: st.DrawFn) -> Option:
    lanes = st.sampled_from(LANES)
    return Option(
        draw(st.integers(1, 6)) * 100, draw(some_amounts(30)), (draw(lanes),), (draw(lanes),), (("PE", draw(lanes)),)
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A chain of two to four operators of up to four options, with converters where lanes differ."""
    operators = [
        Operator(f"operator_{i}", tuple(draw(st.lists(options(), min_size=1, max_size=4))))
        for i in range(draw(st.integers(2, 4)))
    ]
    links = []
    for producer in range(len(operators) - 1):
        cost = {(a, b): draw(some_amounts(8)) for a in LANES for b in LANES if a != b}
        links.append(Link(producer, producer + 1, cost=cost))
    return Problem(tuple(operators), tuple(links), draw(some_amounts(10)))


budgets = st.tuples(*[st.integers(20, 120).map(float) for _ in RESOURCES])


def share(problem: Problem, chosen: tuple[Option, ...], budget: Amounts) -> float:
    return max(used / limit for used, limit in zip(problem.cost(chosen), budget, strict=True))


def least_share(problem: Problem, budget: Amounts) -> float:
    choices = product(*[operator.options for operator in problem.operators])
    return min(share(problem, chosen, budget) for chosen in choices)


def least_cycles(problem: Problem, budget: Amounts) -> int | None:
    """Of all choices that fit."""
    choices = product(*[operator.options for operator in problem.operators])
    fitting = [chosen for chosen in choices if share(problem, chosen, budget) <= 1]
    return min((max(option.cycles for option in chosen) for chosen in fitting), default=None)


def single(*options: Option) -> Problem:
    """One operator without neighbours."""
    return Problem((Operator("operator", options),), (), NOTHING)
