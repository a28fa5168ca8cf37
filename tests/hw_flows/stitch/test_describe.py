# SPDX-License-Identifier: BSD-3-Clause
"""What the description of an accelerator says of its operators."""

from __future__ import annotations

from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.layer_names import set_layer
from hw_flows.operators.case import Case
from hw_flows.stitch.describe import describe
from hw_flows.testing.operator_bench import build_model

FIFO = Case(
    "OpenStreamingFIFO_rtl",
    {"depth": 4, "folded_shape": [1, 3, 5, 2, 2], "normal_shape": [1, 3, 5, 4], "dataType": "INT3"},
)


def test_operators_keep_the_authors_name_of_their_layer(tmp_path: Path) -> None:
    model = build_model([FIFO, FIFO])
    set_layer(model.graph.node[0], "encoder.0.conv1/Conv_0")
    accelerator = describe(model)
    assert [i.network_layer for i in accelerator.instances] == ["encoder.0.conv1/Conv_0", ""]
    accelerator.save(tmp_path / "accelerator.json")
    assert Accelerator.load(tmp_path / "accelerator.json") == accelerator


def test_descriptions_of_earlier_builds_without_such_names_are_read(tmp_path: Path) -> None:
    accelerator = describe(build_model([FIFO]))
    path = tmp_path / "accelerator.json"
    accelerator.save(path)
    path.write_text(path.read_text().replace('"network_layer": ""', '"in_memory": false'))
    assert Accelerator.load(path) == accelerator
