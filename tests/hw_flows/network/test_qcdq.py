# SPDX-License-Identifier: BSD-3-Clause
"""QCDQ exports of Brevitas are the same networks as its QONNX exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from brevitas.export import export_onnx_qcdq
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer, image_input
from hw_flows.network.clean import clean_network
from hw_flows.network.execute import execute_file, execute_network
from hw_flows.network.file import load_network
from hw_flows.network.head import split_head
from hw_flows.network.qcdq import convert_qcdq
from hw_flows.steps.qonnx_to_finn import step_qonnx_to_finn
from tests.hw_flows.foreign import ForeignNet, build, frames

NETS = {
    "4 bits": ForeignNet(),
    "signed, a scale a channel": ForeignNet(signed_activations=True, scale_per_channel=True, weight_bits=3),
    "8 bits, transposed": ForeignNet(weight_bits=8, activation_bits=8, decoder="transpose", convolution_bias=True),
    "quantized output": ForeignNet(quantized_output=True, classes=4, seed=4),
}


def export(net: ForeignNet, path: Path, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """One frame, and what Brevitas answers to it."""
    x = frames(net, 1, torch.Generator().manual_seed(3))
    model = build(net)
    with torch.no_grad():
        y = model(x).numpy()
        export_onnx_qcdq(model, args=x, export_path=str(path), **{"dynamo": False, "opset_version": 13, **options})
    return x.numpy(), y


@pytest.mark.parametrize("name", NETS)
def test_the_file_and_the_clean_network_answer_as_brevitas_does(name: str, tmp_path: Path) -> None:
    x, y = export(NETS[name], tmp_path / "network.onnx")
    model = load_network(tmp_path / "network.onnx")
    parts = split_head(model)
    assert parts.head is None
    logits = answer(parts, image_input(model, tmp_path), x).logits
    np.testing.assert_allclose(logits, y, rtol=0, atol=2e-6 * np.abs(y).max())
    clean = clean_network(ModelWrapper(parts.body))
    assert not {"QuantizeLinear", "DequantizeLinear", "Clip"} & {node.op_type for node in clean.graph.node}
    np.testing.assert_allclose(execute_network(clean, None, x), logits, rtol=0, atol=1e-12 * np.abs(y).max())


def changed(folder: Path, change: Any) -> ModelWrapper:
    export(NETS["4 bits"], folder / "network.onnx")
    model = load_network(folder / "network.onnx")
    change(model)
    return ModelWrapper(model)


def test_a_range_that_no_width_has_is_named(tmp_path: Path) -> None:
    def narrower(model: onnx.ModelProto) -> None:
        clip = next(n for n in model.graph.node if n.op_type == "Clip" and "act" in n.name)
        (high,) = [t for t in model.graph.initializer if t.name == clip.input[2]]
        high.CopyFrom(numpy_helper.from_array(np.array(10, np.uint8), high.name))

    with pytest.raises(UserError, match="from 0 to 10, which no width has"):
        clean_network(changed(tmp_path, narrower))


@pytest.mark.parametrize(
    ("scale", "attributes"),
    [((4, 1, 3, 3), {"axis": 1, "block_size": 2}), ((4,), {"axis": 7}), ((4, 1, 1, 1), {"axis": 0})],
)
def test_what_is_no_quantizer_for_a_tensor_or_its_channels_is_left(scale: tuple[int, ...], attributes: Any) -> None:
    weights = numpy_helper.from_array(np.ones((4, 2, 3, 3), np.int8), "weights")
    scales = numpy_helper.from_array(np.ones(scale, np.float32), "scale")
    nodes = [
        onnx.helper.make_node("DequantizeLinear", ["weights", "scale"], ["floats"], name="odd", **attributes),
        onnx.helper.make_node("Conv", ["x", "floats"], ["y"], name="conv"),
    ]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("x", "y")]
    graph = onnx.helper.make_graph(nodes, "net", ends[:1], ends[1:], [weights, scales])
    model = ModelWrapper(onnx.helper.make_model(graph))
    convert_qcdq(model)
    assert [node.op_type for node in model.graph.node] == ["DequantizeLinear", "Conv"]


def test_integers_without_a_zero_point_keep_their_sign() -> None:
    weights = numpy_helper.from_array(np.array([-128, -3, 5, 127], np.int8).reshape(1, 1, 2, 2), "weights")
    scale = numpy_helper.from_array(np.float32(0.25), "scale")
    node = onnx.helper.make_node("DequantizeLinear", ["weights", "scale"], ["y"], name="weights")
    end = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 1, 2, 2])
    model = ModelWrapper(onnx.helper.make_model(onnx.helper.make_graph([node], "net", [], [end], [weights, scale])))
    convert_qcdq(model)
    (quantizer,) = model.graph.node
    assert quantizer.op_type == "Quant"
    assert {a.name: a.i for a in quantizer.attribute}["signed"] == 1
    np.testing.assert_array_equal(np.ravel(model.get_initializer(quantizer.input[0])), [-32, -0.75, 1.25, 31.75])


def test_constants_that_an_exporter_passes_on_are_found() -> None:
    """As PyTorch writes its quantized networks: an Identity before a scale, zero points made of a shape, a Cast between."""
    make = onnx.helper.make_node
    nodes = [
        make("Identity", ["given"], ["scale"]),
        make(
            "ConstantOfShape",
            ["shape"],
            ["zeros"],
            value=onnx.helper.make_tensor("v", onnx.TensorProto.INT64, [1], [3]),
        ),
        make("Cast", ["zeros"], ["zero"], to=onnx.TensorProto.UINT8),
        make("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        make("Cast", ["q"], ["r"], to=onnx.TensorProto.UINT8),
        make("DequantizeLinear", ["r", "scale", "zero"], ["y"], name="end"),
    ]
    constants = [
        numpy_helper.from_array(np.float32(0.25), "given"),
        numpy_helper.from_array(np.array([1], np.int64), "shape"),
    ]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 1, 2, 2]) for name in ("x", "y")]
    model = ModelWrapper(onnx.helper.make_model(onnx.helper.make_graph(nodes, "net", ends[:1], ends[1:], constants)))
    convert_qcdq(model)
    (quantizer,) = model.get_nodes_by_op_type("Quant")
    assert quantizer.input[0] == "x"
    assert [np.ravel(model.get_initializer(name)).tolist() for name in quantizer.input[1:]] == [[0.25], [3], [8]]


@pytest.mark.parametrize("zero_point", [np.uint8(0), np.uint8(127), np.uint8(128), np.int8(-3), np.int8(4)])
def test_a_tie_goes_to_the_integer_that_onnx_says(zero_point: Any) -> None:
    """It rounds before it adds the zero point, QONNX behind that: where that is odd, even numbers become odd ones."""
    x = (np.arange(-64, 64, dtype=np.float32) / 16).reshape(1, 1, 8, 16)  # in quarters of a step
    shape = list(x.shape)
    model = ModelWrapper(
        helper.make_model(
            helper.make_graph(
                [
                    helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
                    helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
                ],
                "g",
                [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
                [numpy_helper.from_array(np.float32(0.25), "scale"), numpy_helper.from_array(zero_point, "zero")],
            ),
            opset_imports=[helper.make_opsetid("", 13)],
            ir_version=8,
        )
    )
    expected = onnxruntime.InferenceSession(model.model.SerializeToString()).run(None, {"x": x})[0]
    np.testing.assert_array_equal(execute_file(model, {"x": x})["y"], expected)
    convert_qcdq(model)
    assert [node.op_type for node in model.graph.node] == ["Quant"]
    np.testing.assert_array_equal(execute_network(model, None, x), expected)
    np.testing.assert_array_equal(execute_network(step_qonnx_to_finn(model, None), None, x), expected)
