# SPDX-License-Identifier: BSD-3-Clause
"""Pairs of figures and layers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hw_flows.compare.digest import read_digest
from hw_flows.compare.rows import Pair, figure_rows, layer_rows
from tests.hw_flows.compare.conftest import Maker


@pytest.mark.parametrize(
    ("one", "other", "change"),
    [
        (100, 150, "+50.0 %"),
        (100, 50, "-50.0 %"),
        (100, 100, ""),
        (100, 1000, "×10"),
        (0, 5, "new"),
        (None, 5, ""),
        (5, None, ""),
    ],
)
def test_changes_are_shares_of_the_first(one: float | None, other: float | None, change: str) -> None:
    assert Pair("x", one, other).change == change


def test_figures_stand_side_by_side_in_their_units(make: Maker) -> None:
    rows = {
        pair.label: pair for pair in figure_rows(read_digest(make("a")), read_digest(make("b", fps=2000.0, lut=4000)))
    }
    assert rows["speed"].texts == ("1,000 frames/s", "2,000 frames/s") and rows["speed"].change == "+100.0 %"
    assert rows["LUT"].texts == ("5,000", "4,000") and rows["LUT"].change == "-20.0 %"
    assert rows["multipliers busy"].texts == ("50 %", "50 %")
    assert "board's memory" not in rows and "routed design reaches" not in rows


def test_layers_are_paired_by_name_in_the_order_of_the_dataflow(make: Maker) -> None:
    rows = layer_rows(read_digest(make("a")), read_digest(make("b", weights=5, depth=2)))
    assert [row.name for row in rows] == ["encoder.0", "encoder.1", "bottom", "decoder.1", "decoder.0"]
    assert [row.one is None for row in rows] == [False, True, False, True, False]
    assert rows[0].pairs[0].texts == ("3", "5") and rows[0].differs
    assert rows[1].pairs[0].texts == ("–", "3")


def test_builds_that_are_alike_have_no_layer_that_differs(make: Maker) -> None:
    digest = read_digest(make("a"))
    assert not any(row.differs for row in layer_rows(digest, digest))
    assert not any(row.differs for row in layer_rows(replace(digest, layers=()), replace(digest, layers=())))
