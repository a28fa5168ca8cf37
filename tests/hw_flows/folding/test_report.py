# SPDX-License-Identifier: BSD-3-Clause
"""What folding tells people."""

from __future__ import annotations

from hw_flows.boards import load_board
from hw_flows.folding import Folding, Shortage, budget_of, cheapest_for, fastest, folding_report, shortage_error
from hw_flows.folding.problem import RESOURCES, Operator, Option, Problem
from hw_flows.folding.report import FILL, shortage_report
from tests.hw_flows.folding.tables import amounts, single

BOARD = load_board("pynq-z2")
BUDGET = budget_of(BOARD)


def test_the_budget_leaves_room_for_routing():
    assert all(0 < share < 1 for share in FILL.values())
    assert dict(zip(RESOURCES, BUDGET, strict=True))["LUT"] == FILL["LUT"] * 53_200


def test_a_network_that_never_fits_names_the_resource_and_how_much_is_missing():
    shortage = fastest(single(Option(100, amounts(LUT=9, BRAM36=252))), BUDGET)
    assert isinstance(shortage, Shortage)
    message = str(shortage_error(shortage, BOARD, 100.0, None))
    assert "252 BRAM36 of 126 (90% of the board's 140), 100% too many" in message
    assert "needs 50% less" in message
    assert shortage_report(shortage, 100.0, None)["limited_by"] == ["BRAM36"]


def test_a_network_that_never_fits_tells_its_smallest_folding_and_which_layers_need_most():
    small, large = (
        Operator(name, (Option(100, amounts(BRAM36=9 * blocks)), Option(400, amounts(BRAM36=blocks))))
        for name, blocks in (("MVAU_0", 50), ("MVAU_1", 150))
    )
    shortage = fastest(Problem((small, large)), BUDGET)
    assert isinstance(shortage, Shortage)
    smallest = shortage_report(shortage, 100.0, None, ["down.conv", "bottom.conv"])["smallest"]
    assert (smallest["cycles_per_frame"], smallest["fps"], smallest["scarcest"]) == (400, 250_000, "BRAM36")
    assert list(smallest["shares"].items()) == [("bottom.conv", 0.75), ("down.conv", 0.25)]
    message = str(shortage_error(shortage, BOARD, 100.0, None, {"MVAU_0": "down.conv", "MVAU_1": "bottom.conv"}))
    assert "Of BRAM36 most are for bottom.conv 75%, down.conv 25%" in message


def test_a_rate_that_does_not_fit_names_the_largest_that_does():
    problem = single(Option(100_000, amounts(LUT=50_000)), Option(250_000, amounts(LUT=30_000)))
    shortage = cheapest_for(problem, BUDGET, 100_000)
    assert isinstance(shortage, Shortage)
    message = str(shortage_error(shortage, BOARD, 100.0, 1000.0))
    assert "1000 frames/s at 100 MHz" in message
    assert "50,000 LUT of 42,560" in message
    assert "400.0 frames/s" in message and "--target-fps 400 or less" in message
    assert shortage_report(shortage, 100.0, 100_000)["largest_fps"] == 400.0


def test_a_rate_that_no_parallelism_reaches_names_the_operator():
    slow = Operator("window_3", (Option(250_000, amounts(LUT=1)),))
    shortage = cheapest_for(Problem((slow,)), BUDGET, 100_000)
    assert isinstance(shortage, Shortage)
    assert "no parallelism makes window_3 that fast" in str(shortage_error(shortage, BOARD, 100.0, 1000.0))


def test_the_report_tells_rate_bound_and_cost():
    folding = fastest(single(Option(200_000, amounts(LUT=1000, DSP=3))), BUDGET)
    assert isinstance(folding, Folding)
    report = folding_report(folding, 100.0, folding.cycles, folding.used)
    assert (report["cycles_per_frame"], report["fps"], report["bound_cycles"], report["gap"]) == (
        200_000,
        500,
        200_000,
        0,
    )
    assert report["limited_by"] == ["operator"]
    assert report["predicted"]["LUT"] == 1000 and report["predicted"]["DSP"] == 3
