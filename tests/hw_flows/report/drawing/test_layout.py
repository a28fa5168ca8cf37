# SPDX-License-Identifier: BSD-3-Clause
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.accelerator import Role
from hw_flows.report.drawing.graph import graph_of
from hw_flows.report.drawing.layout import NARROW, WIDE, Layout, lay_out
from tests.hw_flows.report.drawing.networks import Sketch, u_net

SHEETS = pytest.mark.parametrize("sheet", [WIDE, NARROW], ids=["wide", "narrow"])


def assert_apart(layout: Layout) -> None:
    """No two boxes touch, and all are on the sheet."""
    for one, other in combinations(layout.boxes.values(), 2):
        assert one.right < other.x or other.right < one.x or one.bottom < other.y or other.bottom < one.y
    for box in layout.boxes.values():
        assert box.x >= 0 and box.right <= layout.sheet.width and box.bottom <= layout.height


@SHEETS
@pytest.mark.parametrize("depth", [1, 2, 5, 7])
def test_boxes_of_a_u_are_apart_whatever_its_depth(sheet, depth):
    network = u_net(depth, image=2**depth)
    layout = lay_out(graph_of(network), sheet)
    assert len(layout.boxes) == 2 * depth + 1
    assert_apart(layout)
    assert sum(route.label is not None for route in layout.routes) == depth, "one label a skip connection"


def test_both_ends_of_a_skip_connection_are_level():
    layout = lay_out(graph_of(u_net(3)), WIDE)
    for left, right in (("MVAU_0", "MVAU_6"), ("MVAU_1", "MVAU_5"), ("MVAU_2", "MVAU_4")):
        assert layout.boxes[left].y == layout.boxes[right].y
        assert layout.boxes[left].right < layout.boxes[right].x


def test_what_follows_on_the_way_up_stands_above():
    layout = lay_out(graph_of(u_net(2)), WIDE)
    assert layout.boxes["MVAU_4"].y < layout.boxes["MVAU_3"].y < layout.boxes["MVAU_2"].y


@SHEETS
@given(
    operators=st.lists(
        st.tuples(st.sampled_from([1, 2, 4, 8, 16]), st.lists(st.integers(0, 30), max_size=3)), max_size=24
    )
)
@settings(max_examples=60, deadline=None)
def test_any_network_is_laid_out_with_every_link(sheet, operators):
    sketch = Sketch(image=(16, 16))
    sketch.add("Fork_0", Role.FORK, (16, 16), "", outputs=60, layer="MVAU_0")
    names = ["Fork_0"]
    for number, (size, sources) in enumerate(operators):
        matrix = sketch.add(
            f"MVAU_{number}", Role.MATRIX, (size, size), *[names[s % len(names)] for s in sources] or ["Fork_0"]
        )
        names.append(sketch.add(f"Fork_{number + 1}", Role.FORK, (size, size), matrix, outputs=90, layer=matrix))
    graph = graph_of(sketch.done())
    layout = lay_out(graph, sheet)
    assert_apart(layout)
    assert len(layout.routes) == sum(bool(link.source and link.sink) for link in graph.links)
