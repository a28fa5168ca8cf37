# SPDX-License-Identifier: BSD-3-Clause
"""Small made-up problems, and their answers by trying every choice."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from hypothesis import strategies as st

from hw_flows.folding.problem import (
    NOTHING,
    RESOURCES,
    Alternative,
    Amounts,
    Link,
    Operator,
    Option,
    Problem,
    absent,
)

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


@st.composite
def problems_with_alternatives(draw: st.DrawFn) -> Problem:
    """A chain, one or two operators of which another operator may replace, with the same neighbours."""
    chain = draw(problems())
    operators = [*chain.operators]
    links = [*chain.links]
    at = draw(st.integers(0, len(operators) - 1))
    first = tuple(range(at, min(len(operators), at + draw(st.integers(1, 2)))))
    second = len(operators)
    for link in chain.links:
        if link.consumer == first[0]:
            links.append(replace(link, consumer=second))
        if link.producer == first[-1]:
            links.append(replace(link, producer=second))
    operators.append(Operator("instead", tuple(draw(st.lists(options(), min_size=1, max_size=3)))))
    for i in (*first, second):
        operators[i] = replace(operators[i], options=(*operators[i].options, absent(1, 1)))
    return replace(chain, operators=tuple(operators), links=tuple(links), alternatives=(Alternative(first, (second,)),))


budgets = st.tuples(*[st.integers(20, 120).map(float) for _ in RESOURCES])


def share(problem: Problem, chosen: tuple[Option, ...], budget: Amounts) -> float:
    return max(used / limit for used, limit in zip(problem.cost(chosen), budget, strict=True))


def choices(problem: Problem) -> list[tuple[Option, ...]]:
    """All of them: of an alternative one side is there, and the other is not."""
    every = product(*[operator.options for operator in problem.operators])
    sides = [(a.first, a.second) for a in problem.alternatives]
    return [
        chosen
        for chosen in every
        if all(
            {chosen[i].present for i in one} ^ {chosen[i].present for i in other} == {True, False}
            for one, other in sides
        )
        and all(len({chosen[i].present for i in side}) == 1 for pair in sides for side in pair)
    ]


def least_share(problem: Problem, budget: Amounts) -> float:
    return min(share(problem, chosen, budget) for chosen in choices(problem))


def least_cycles(problem: Problem, budget: Amounts) -> int | None:
    """Of all choices that fit."""
    fitting = [chosen for chosen in choices(problem) if share(problem, chosen, budget) <= 1]
    return min((max(option.cycles for option in chosen) for chosen in fitting), default=None)


def single(*options: Option) -> Problem:
    """One operator without neighbours."""
    return Problem((Operator("operator", options),), (), NOTHING)
