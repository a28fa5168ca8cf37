# SPDX-License-Identifier: BSD-3-Clause
"""Layers keep the names of the file through all steps of the front end."""

from __future__ import annotations

import pytest
from onnx import ModelProto, helper

from hw_flows.layer_names import layer_name, name_layers, note_modules
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after


def _node(name: str, scopes: str | None = None, key: str = "pkg.torch.onnx.name_scopes") -> ModelProto:
    model = ModelProto()
    node = helper.make_node("Relu", ["x"], ["y"], name=name)
    if scopes is not None:
        node.metadata_props.add(key=key, value=scopes)
    model.graph.node.append(node)
    return model


@pytest.mark.parametrize(
    ("name", "scopes", "layer"),
    [
        ("/down1/conv/Conv", None, "/down1/conv/Conv"),
        ("node_relu", "['', 'enc', 'enc.1', 'relu']", "enc.1/node_relu"),
        ("node_relu", "['', 'relu']", "node_relu"),
        ("node_relu", "__import__('os').system('true')", "node_relu"),
        ("node_relu", "[" * 3000, "node_relu"),
        ("node_relu", "[1, 2]", "node_relu"),
        ("node_relu", "'" + "x" * 10_000 + "'", "node_relu"),
        ("x" * 1000, None, "x" * 77 + "[...]" + "x" * 80),
    ],
)
def test_a_layer_is_called_by_module_and_name(name: str, scopes: str | None, layer: str) -> None:
    model = _node(name, scopes)
    note_modules(model)
    name_layers(model)
    assert layer_name(model.graph.node[0]) == layer


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
def test_every_hardware_operator_belongs_to_a_layer_of_the_file(decoder: str) -> None:
    net = ForeignNet(decoder=decoder, scale_per_channel=True, negative_gammas=True)
    clean = after(net, "step_qonnx_cleanup").model.graph.node
    convolutions = {layer_name(node) for node in clean if node.op_type in ("Conv", "ConvTranspose")}
    model = after(net, "step_specialize_layers").model
    assert {layer_name(n) for n in model.graph.node if n.op_type == "OpenMVAU_rtl"} == convolutions
    assert {layer_name(node) for node in model.graph.node} <= {layer_name(node) for node in clean}
