# SPDX-License-Identifier: BSD-3-Clause
"""The solver finds what trying every choice finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from hw_flows.folding.problem import Link, Operator, Option, Problem
from hw_flows.folding.prune import pruned
from hw_flows.folding.solve import GAP, SUM_WEIGHT, cheapest, relaxed_share
from tests.hw_flows.folding.tables import amounts, budgets, least_share, problems

PLENTY = amounts(LUT=100, FF=100, LUTRAM=100, BRAM36=100, DSP=100)


@settings(deadline=None, max_examples=40)
@given(problem=problems(), budget=budgets)
def test_no_choice_uses_less_of_its_scarcest_resource(problem, budget):
    choice = cheapest(problem, budget, thorough=True)
    best = least_share(problem, budget)
    # the sum of all resources counts a little beside the scarcest
    assert best - 1e-9 <= choice.share <= best * (1 + GAP) + 5 * SUM_WEIGHT * max(1.0, choice.share)


@settings(deadline=None, max_examples=40)
@given(problem=problems(), budget=budgets)
def test_the_relaxed_problem_is_a_bound(problem, budget):
    assert relaxed_share(problem, budget).share <= least_share(problem, budget) + 1e-6


@settings(deadline=None, max_examples=40)
@given(problem=problems(), budget=budgets)
def test_pruning_loses_no_best_choice(problem, budget):
    small = pruned(problem, budget)
    assert all(operator.options for operator in small.operators)
    assert least_share(small, budget) == pytest.approx(least_share(problem, budget))


@settings(deadline=None, max_examples=30)
@given(problem=problems(), budget=budgets)
def test_what_a_choice_is_said_to_use_is_what_it_costs(problem, budget):
    choice = cheapest(problem, budget)
    chosen = tuple(operator.options[i] for operator, i in zip(problem.operators, choice.options, strict=True))
    assert choice.used == problem.cost(chosen)


def test_products_go_where_there_is_room():
    in_luts, in_dsps = Option(1, amounts(LUT=50)), Option(1, amounts(DSP=50))
    problem = Problem((Operator("first", (in_luts, in_dsps)), Operator("second", (in_luts, in_dsps))))
    assert cheapest(problem, PLENTY).share == pytest.approx(0.5), "one in each, as neither resource has room for two"


def test_a_converter_can_cost_more_than_it_saves():
    problem = Problem(
        (
            Operator("producer", (Option(1, amounts(LUT=5), outputs=(4,)),)),
            Operator("same", (Option(1, amounts(LUT=10), inputs=(4,)), Option(1, amounts(LUT=8), inputs=(1,)))),
        ),
        (Link(0, 1, cost={(4, 1): amounts(LUT=6)}),),
    )
    assert cheapest(problem, PLENTY).options == (0, 0)


def test_a_resource_that_the_board_lacks_is_not_used():
    problem = Problem((Operator("only", (Option(1, amounts(DSP=1)), Option(1, amounts(LUT=90)))),))
    assert cheapest(problem, amounts(LUT=100, FF=100, LUTRAM=100, BRAM36=100, DSP=0)).options == (1,)
