# SPDX-License-Identifier: BSD-3-Clause
"""After streamlining nothing between the first and the last threshold is a fraction."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.execute import execute_network
from hw_flows.steps.streamline import AbsorbReluIntoMultiThreshold, AbsorbSignIntoWeights
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

NETS = {
    "negative gammas": ForeignNet(negative_gammas=True, channels=(4, 8, 12)),
    "transposed": ForeignNet(negative_gammas=True, decoder="transpose"),
    "biases": ForeignNet(convolution_bias=True, batch_norm=False),
}


@pytest.mark.parametrize("name", NETS)
def test_scales_and_biases_are_left_at_the_end_only(name: str) -> None:
    model = after(NETS[name], "step_streamline").model
    kinds = [node.op_type for node in model.graph.node]
    assert kinds[-2:] == ["Mul", "Add"]
    assert not {"Mul", "Add", "Div", "Sub", "BatchNormalization", "Relu"}.intersection(kinds[:-2])
    for node in model.graph.node[:-2]:
        if node.op_type != "ConvTranspose":  # for which QONNX infers no type
            assert model.get_tensor_datatype(node.output[0]).is_integer()


def test_thresholds_on_integers_are_integers_and_all_parameters_float32() -> None:
    model = after(NETS["negative gammas"], "step_streamline").model
    for node in model.get_nodes_by_op_type("MultiThreshold")[1:]:
        thresholds = model.get_initializer(node.input[1])
        assert np.array_equal(thresholds, np.round(thresholds))
        assert (np.diff(thresholds) >= 0).all()
    assert {model.get_initializer(i.name).dtype for i in model.graph.initializer} <= {np.dtype("f4"), np.dtype("i8")}


def test_unequal_power_of_two_scales_go_into_the_weights() -> None:
    net = ForeignNet(power_of_two_scales=True, shared_skip_quantizer=False, skip_bits=3)
    before, model = after(net, "step_qonnx_to_finn").model, after(net, "step_streamline").model
    scales = [
        before.get_initializer(before.find_producer(name).input[1])
        if before.find_producer(name).op_type == "Mul"
        else 1
        for name in before.get_nodes_by_op_type("Concat")[0].input
    ]
    assert scales[0] != scales[1], "this net is meant to have unequal scales"
    conv = model.find_consumer(model.get_nodes_by_op_type("Concat")[0].output[0])
    assert conv.op_type == "Conv"
    assert model.get_tensor_datatype(conv.input[1]).bitwidth() > net.weight_bits


@pytest.mark.parametrize(("op_type", "shape"), [("Conv", (3, 2, 1, 1)), ("ConvTranspose", (2, 3, 2, 2))])
def test_a_sign_that_the_weights_cannot_hold_widens_their_type(op_type: str, shape: tuple[int, ...]) -> None:
    """-8 has no opposite in INT4."""
    factor = 2 if op_type == "ConvTranspose" else 1
    nodes = [
        helper.make_node(op_type, ["x", "w"], ["p"], kernel_shape=shape[2:], strides=[factor] * 2),
        helper.make_node("Mul", ["p", "sign"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "sign",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 4 * factor, 4 * factor])],
        value_info=[helper.make_tensor_value_info("p", TensorProto.FLOAT, [1, 3, 4 * factor, 4 * factor])],
    )
    model = ModelWrapper(qonnx_make_model(graph))
    random = np.random.default_rng(1)
    model.set_initializer("w", np.full(shape, -8, np.float32))
    model.set_initializer("sign", np.float32([1, -1, 1]).reshape(1, 3, 1, 1))
    model.set_tensor_datatype("w", DataType["INT4"])
    model.set_tensor_datatype("sign", DataType["BIPOLAR"])
    x = random.integers(0, 16, (1, 2, 4, 4)).astype(np.float32)
    expected = execute_network(model, None, x)
    absorbed = model.transform(AbsorbSignIntoWeights())
    assert [node.op_type for node in absorbed.graph.node] == [op_type]
    assert absorbed.get_tensor_datatype(absorbed.graph.node[0].input[1]) == DataType["INT5"]
    np.testing.assert_array_equal(execute_network(absorbed, None, x), expected)


@pytest.mark.parametrize("signs", [None, [1.0, -1.0, 1.0]])
def test_a_relu_vanishes_in_the_thresholds_behind_it(signs: list[float] | None) -> None:
    names = ["relu", "signed", "integers"] if signs else ["relu", "integers"]
    nodes = [helper.make_node("Relu", ["x"], ["relu"])]
    if signs:
        nodes.append(helper.make_node("Mul", ["relu", "sign"], ["signed"]))
    thresholds = {"out_dtype": "INT3", "out_bias": -4.0, "data_layout": "NCHW", "domain": "qonnx.custom_op.general"}
    nodes.append(helper.make_node("MultiThreshold", [names[-2], "t"], ["integers"], **thresholds))
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 4, 4]) for name in ("x", *names)]
    model = ModelWrapper(
        qonnx_make_model(helper.make_graph(nodes, "relu", shapes[:1], shapes[-1:], value_info=shapes[1:-1]))
    )
    model.set_initializer("t", np.tile(np.arange(-3, 4, dtype=np.float64), (3, 1)))
    if signs:
        model.set_initializer("sign", np.float32(signs).reshape(1, 3, 1, 1))
        model.set_tensor_datatype("sign", DataType["BIPOLAR"])
    x = np.random.default_rng(0).integers(-6, 7, (1, 3, 4, 4)).astype(np.float32) / 2
    expected = execute_network(model, None, x)
    absorbed = model.transform(AbsorbReluIntoMultiThreshold())
    assert [node.op_type for node in absorbed.graph.node] == (
        ["Mul", "MultiThreshold"] if signs else ["MultiThreshold"]
    )
    np.testing.assert_array_equal(execute_network(absorbed, None, x), expected)


def test_another_reader_of_the_relu_keeps_it() -> None:
    model = after(ForeignNet(), "step_qonnx_to_finn").model
    relu = model.get_nodes_by_op_type("Relu")[0]
    thresholds = model.find_consumer(relu.output[0])
    model.graph.node.append(helper.make_node("Identity", [relu.output[0]], ["also"]))
    absorbed = model.transform(AbsorbReluIntoMultiThreshold())
    (kept,) = absorbed.get_nodes_by_op_type("Relu")
    assert kept.output[0] == relu.output[0]
    assert absorbed.find_producer(thresholds.output[0]).input[0] == relu.input[0]
