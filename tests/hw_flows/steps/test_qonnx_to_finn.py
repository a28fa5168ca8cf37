# SPDX-License-Identifier: BSD-3-Clause
"""A quantizer and the thresholds that replace it give the same integers, ties included."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.execute import execute_network
from hw_flows.steps.qonnx_to_finn import fold_quantized_biases, step_qonnx_to_finn
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after


def _quantizer(bits: int, scale: float, signed: bool, narrow: bool) -> ModelWrapper:
    shape = [1, 1, 16, 64]
    node = helper.make_node(
        "Quant",
        ["x", "scale", "zero", "bits"],
        ["y"],
        domain="qonnx.custom_op.general",
        signed=int(signed),
        narrow=int(narrow),
        rounding_mode="ROUND",
    )
    graph = helper.make_graph(
        [node],
        "quantizer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    model = ModelWrapper(qonnx_make_model(graph))
    for name, value in (("scale", scale), ("zero", 0.0), ("bits", float(bits))):
        model.set_initializer(name, np.asarray(value, np.float32))
    return model


@given(
    bits=st.integers(2, 8),
    scale=st.one_of(st.sampled_from([2.0**-7, 0.25, 1.0]), st.floats(2.0**-10, 3, width=32)),
    signed=st.booleans(),
    narrow=st.booleans(),
)
@settings(deadline=None, max_examples=40)
def test_thresholds_equal_the_quantizer(bits: int, scale: float, signed: bool, narrow: bool) -> None:
    narrow = narrow and signed
    model = _quantizer(bits, scale, signed, narrow)
    quarters = np.arange(-512, 512, dtype=np.float64) / 4  # in quantization steps: every second one is a tie
    x = np.float32(quarters * np.float64(np.float32(scale))).reshape(1, 1, 16, 64)
    exact = np.float64(x) / np.float64(np.float32(scale))
    if not np.array_equal(exact.ravel(), quarters):
        x = np.float32(x * (1 + 1e-5))  # float32 cannot hold these ties, so keep clear of them
    expected = execute_network(model, None, x)
    converted = step_qonnx_to_finn(model, None)
    assert not converted.get_nodes_by_op_type("Quant")
    np.testing.assert_allclose(execute_network(converted, None, x), expected, rtol=1e-12)


def test_ties_go_to_the_even_integer() -> None:
    model = step_qonnx_to_finn(_quantizer(bits=3, scale=1.0, signed=False, narrow=False), None)
    x = np.zeros((1, 1, 16, 64), np.float32)
    x.flat[:6] = [0.5, 1.5, 2.5, 3.5, 4.5, 100.5]
    assert execute_network(model, None, x).flat[:6].tolist() == [0, 2, 2, 4, 4, 7]


def test_weights_are_integers_and_no_quantizer_is_left() -> None:
    model = after(ForeignNet(weight_bits=4), "step_qonnx_to_finn").model
    assert not model.get_nodes_by_op_type("Quant")
    for node in model.get_nodes_by_op_type("Conv"):
        weights = model.get_initializer(node.input[1])
        assert np.array_equal(weights, np.round(weights))
        assert np.abs(weights).max() == 7


def _convolutions_with_biases(shared: bool) -> ModelWrapper:
    """Two convolutions of `x`, one after the other in the file, each with a quantized bias, or both with the same."""
    names = ["first", "first" if shared else "second"]
    nodes = [
        helper.make_node(
            "Quant",
            [name, "scale", "zero", "bits"],
            [f"{name}_q"],
            domain="qonnx.custom_op.general",
            rounding_mode="ROUND",
        )
        for name in dict.fromkeys(names)
    ]
    nodes += [
        helper.make_node("Conv", ["x", "weights", f"{name}_q"], [f"y{i}"], kernel_shape=[1, 1])
        for i, name in enumerate(names)
    ]
    shape = [1, 2, 4, 4]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y0", "y1")]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "biases", values[:1], values[1:])))
    biases = {name: np.array([place + 1.1, -2.3]) for place, name in enumerate(dict.fromkeys(names))}
    for name, value in {**biases, "weights": np.ones((2, 2, 1, 1)), "scale": 0.5, "zero": 0.0, "bits": 8.0}.items():
        model.set_initializer(name, np.asarray(value, np.float32))
    return model


def test_every_quantized_bias_becomes_a_constant() -> None:
    for shared, wanted in ((False, [[1.0, -2.5], [2.0, -2.5]]), (True, [[1.0, -2.5], [1.0, -2.5]])):
        model = _convolutions_with_biases(shared)
        fold_quantized_biases(model)
        assert [node.op_type for node in model.graph.node] == ["Conv", "Conv"]
        assert [model.get_initializer(node.input[2]).tolist() for node in model.graph.node] == wanted
