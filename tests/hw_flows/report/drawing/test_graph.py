# SPDX-License-Identifier: BSD-3-Clause
from hw_flows.accelerator import Role
from hw_flows.report.drawing.graph import graph_of
from tests.hw_flows.report.drawing.networks import Sketch, u_net


def test_layers_hold_their_operators_and_stand_in_the_order_of_the_dataflow():
    graph = graph_of(u_net(depth=1))
    assert [layer.name for layer in graph.layers] == ["MVAU_0", "MVAU_1", "MVAU_2"]
    assert [[o.name for o in layer.operators] for layer in graph.layers] == [
        ["MVAU_0", "Thresholding_0", "Fork_0"],
        ["Pool_0", "MVAU_1", "Thresholding_1"],
        ["Up_0", "Concat_0", "MVAU_2", "Thresholding_2"],
    ]
    assert [layer.size for layer in graph.layers] == [(32, 32), (16, 16), (32, 32)]


def test_links_name_the_fifos_on_them():
    links = graph_of(u_net(depth=1)).links
    assert {(link.source, link.sink, link.fifos) for link in links} == {
        ("", "MVAU_0", ("StreamingFIFO_0",)),
        ("MVAU_0", "MVAU_1", ()),
        ("MVAU_1", "MVAU_2", ()),
        ("MVAU_0", "MVAU_2", ("StreamingFIFO_100",)),
        ("MVAU_2", "", ()),
    }


def test_what_belongs_to_the_layer_of_its_products_by_name_stands_there():
    sketch = Sketch()
    sketch.add("MVAU_0", Role.MATRIX, (4, 4), "", named="up/ConvTranspose_0")
    sketch.add("Shuffle_0", Role.OTHER, (8, 8), "MVAU_0", layer="MVAU_1", named="up/ConvTranspose_0")
    sketch.add("MVAU_1", Role.MATRIX, (8, 8), "Shuffle_0", named="conv/Conv_0")
    first, second = graph_of(sketch.done()).layers
    assert [o.name for o in first.operators] == ["MVAU_0", "Shuffle_0"]
    assert [o.name for o in second.operators] == ["MVAU_1"]


def test_a_fork_of_the_image_stays_with_the_layer_behind_it():
    sketch = Sketch()
    sketch.add("Fork_0", Role.FORK, (8, 8), "", outputs=2, layer="MVAU_0")
    sketch.add("MVAU_0", Role.MATRIX, (8, 8), "Fork_0")
    sketch.add("Add_0", Role.ADD, (8, 8), "MVAU_0", "Fork_0", layer="MVAU_0")
    (layer,) = graph_of(sketch.done()).layers
    assert len(layer.operators) == 3
