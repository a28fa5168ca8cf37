# SPDX-License-Identifier: BSD-3-Clause
from hw_flows.accelerator import Role
from hw_flows.report.drawing.graph import graph_of
from hw_flows.report.drawing.levels import Place, Side, places
from tests.hw_flows.report.drawing.networks import Sketch, u_net


def test_a_u_goes_down_on_the_left_and_up_on_the_right():
    found, levels = places(graph_of(u_net(depth=2)))
    assert levels == [(32, 32), (16, 16), (8, 8)]
    assert list(found.values()) == [
        Place(0, Side.DOWN),
        Place(1, Side.DOWN),
        Place(2, Side.BOTTOM),
        Place(1, Side.UP),
        Place(0, Side.UP),
    ]


def test_a_network_of_one_size_is_all_bottom():
    sketch = Sketch()
    sketch.add("MVAU_0", Role.MATRIX, (8, 8), "")
    sketch.add("MVAU_1", Role.MATRIX, (8, 8), "MVAU_0")
    found, levels = places(graph_of(sketch.done()))
    assert levels == [(8, 8)] and {p.side for p in found.values()} == {Side.BOTTOM}


def test_a_gate_of_channels_stands_at_the_level_that_it_serves():
    sketch = Sketch()
    sketch.add("Fork_0", Role.FORK, (32, 32), "", outputs=2, layer="MVAU_0")
    sketch.add("MVAU_0", Role.MATRIX, (1, 1), "Fork_0")
    sketch.add("MVAU_1", Role.MATRIX, (1, 1), "MVAU_0")
    sketch.add("Multiply_0", Role.OTHER, (32, 32), "Fork_0", "MVAU_1", layer="MVAU_2")
    sketch.add("MVAU_2", Role.MATRIX, (32, 32), "Multiply_0")
    sketch.add("MVAU_3", Role.MATRIX, (16, 16), "MVAU_2")
    found, levels = places(graph_of(sketch.done()))
    assert levels == [(32, 32), (16, 16)]
    assert [found[f"MVAU_{n}"].level for n in range(4)] == [0, 0, 0, 1]
