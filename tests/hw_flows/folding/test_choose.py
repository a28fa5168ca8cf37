# SPDX-License-Identifier: BSD-3-Clause
"""Fastest within a budget and cheapest for a target: what must hold for any network."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hw_flows.folding.choose import Folding, Shortage, cheapest_for, fastest
from hw_flows.folding.problem import RESOURCES, Alternative, Operator, Option, Problem, absent
from tests.hw_flows.folding.tables import amounts, budgets, least_cycles, problems, problems_with_alternatives, single


@settings(deadline=None, max_examples=40)
@given(problem=problems() | problems_with_alternatives(), budget=budgets)
def test_the_fastest_is_the_fastest_of_all_choices_that_fit(problem, budget):
    best = least_cycles(problem, budget)
    folding = fastest(problem, budget)
    if best is None:
        assert isinstance(folding, Shortage) and folding.over and folding.fastest is None
        return
    assert isinstance(folding, Folding)
    assert folding.cycles == best
    assert folding.bound_cycles <= folding.cycles
    assert folding.used == problem.cost(folding.options)
    assert all(used <= limit for used, limit in zip(folding.used, budget, strict=True))
    assert folding.limited_by


@settings(deadline=None, max_examples=25)
@given(problem=problems(), budget=budgets, more=st.floats(1, 3))
def test_more_budget_never_takes_more_cycles(problem, budget, more):
    small, large = fastest(problem, budget), fastest(problem, tuple(more * limit for limit in budget))
    assume(isinstance(small, Folding))
    assert isinstance(large, Folding)
    assert large.cycles <= small.cycles
    assert large.bound_cycles <= small.bound_cycles


@settings(deadline=None, max_examples=40)
@given(problem=problems() | problems_with_alternatives(), budget=budgets, target=st.integers(50, 700))
def test_a_target_is_kept_or_the_largest_rate_is_told(problem, budget, target):
    best = least_cycles(problem, budget)
    folding = cheapest_for(problem, budget, target)
    if best is not None and best <= target:
        assert isinstance(folding, Folding)
        assert folding.cycles <= target
        assert all(used <= limit for used, limit in zip(folding.used, budget, strict=True))
        return
    assert isinstance(folding, Shortage)
    assert (folding.fastest.cycles if folding.fastest else None) == best
    assert folding.over or folding.too_slow


def test_a_lower_target_is_cheaper():
    problem = single(Option(100, amounts(LUT=50)), Option(200, amounts(LUT=20)), Option(400, amounts(LUT=30)))
    budget = amounts(LUT=60, FF=1, LUTRAM=1, BRAM36=1, DSP=1)
    assert cheapest_for(problem, budget, 100).used == amounts(LUT=50)
    assert cheapest_for(problem, budget, 399).used == amounts(LUT=20)
    assert fastest(problem, budget).cycles == 100


def test_the_slowest_operator_limits_where_there_is_room():
    slow = Operator("sliding_window", (Option(300, amounts(LUT=1)),))
    quick = Operator("matrix", (Option(100, amounts(LUT=9)), Option(300, amounts(LUT=2))))
    folding = fastest(Problem((slow, quick)), amounts(**dict.fromkeys(RESOURCES, 50)))
    assert folding.limited_by == ("sliding_window",)
    assert folding.bottleneck == "sliding_window"
    assert folding.used == amounts(LUT=3), "nothing is spent on being faster than that"


def test_the_scarce_resource_limits_where_there_is_none():
    problem = single(Option(100, amounts(LUT=5, BRAM36=30)), Option(300, amounts(LUT=2, BRAM36=4)))
    folding = fastest(problem, amounts(LUT=10, FF=10, LUTRAM=10, BRAM36=10, DSP=10))
    assert (folding.cycles, folding.limited_by) == (300, ("BRAM36",))


def test_why_a_target_cannot_be_had():
    problem = single(Option(100, amounts(LUT=50)), Option(300, amounts(LUT=20)))
    budget = amounts(LUT=40, FF=1, LUTRAM=1, BRAM36=1, DSP=1)
    dear, impossible = cheapest_for(problem, budget, 100), cheapest_for(problem, budget, 99)
    assert dear.over == {"LUT": (50.0, 40.0)} and not dear.too_slow
    assert impossible.too_slow == ("operator",)
    assert dear.fastest.cycles == impossible.fastest.cycles == 300


def test_weights_come_from_memory_where_they_do_not_fit():
    """The alternative needs less of the chip, and bytes of the memory, which are the fewer a cycle the slower frames come."""
    on_chip = Operator("on_chip", (Option(100, amounts(LUT=90)), absent(0, 0)))
    by_memory = Operator("by_memory", (Option(100, amounts(LUT=10), dram_bytes=400), absent(0, 0)))
    problem = Problem((on_chip, by_memory), alternatives=(Alternative((0,), (1,)),))
    wide, narrow = (amounts(LUT=lut, FF=1, LUTRAM=1, BRAM36=1, DSP=1, DRAM=4) for lut in (100, 20))
    assert fastest(problem, wide).used == amounts(LUT=90)  # of the scarcest resource less than all
    assert cheapest_for(problem, narrow, 100).used == amounts(LUT=10, DRAM=4)
    slow = fastest(problem, amounts(LUT=20, FF=1, LUTRAM=1, BRAM36=1, DSP=1, DRAM=2))
    assert isinstance(slow, Folding) and slow.cycles == 200


def test_all_alternatives_can_be_asked_for():
    on_chip = Operator("on_chip", (Option(100, amounts(LUT=1)), absent(0, 0)))
    by_memory = Operator("by_memory", (Option(100, amounts(LUT=10), dram_bytes=400), absent(0, 0)))
    problem = Problem((on_chip, by_memory), alternatives=(Alternative((0,), (1,)),)).with_second()
    folding = fastest(problem, amounts(LUT=20, FF=1, LUTRAM=1, BRAM36=1, DSP=1, DRAM=4))
    assert isinstance(folding, Folding) and [option.present for option in folding.options] == [False, True]
