# SPDX-License-Identifier: BSD-3-Clause
"""Every tensor of the dataflow model is what the network itself computes there."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.execute import execute_dataflow, execute_file, execute_network, host_input
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after, exported

MINIMIZED = "step_minimize_bit_width"


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
def test_thresholds_give_the_integers_of_the_quantizers(decoder: str) -> None:
    """The network's quantizers, in QONNX, and the accelerator's thresholds come in the same order."""
    net = ForeignNet(channels=(4, 8, 12), decoder=decoder, negative_gammas=True)
    frame = exported(net).frames[:1]
    built, clean = after(net, MINIMIZED), after(net, "step_qonnx_cleanup").model
    assert built.parent is not None
    streams = execute_dataflow(built.model, host_input(built.parent, frame))
    quantizers = [n for n in clean.get_nodes_by_op_type("Quant") if clean.get_initializer(n.input[0]) is None]
    thresholds = built.model.get_nodes_by_op_type("Thresholding")
    assert len(thresholds) == len(quantizers) - 1  # the input's quantizer stays on the host
    for quantizer, threshold in zip(quantizers[1:], thresholds, strict=True):
        del clean.graph.output[:]
        clean.graph.output.append(clean.get_tensor_valueinfo(quantizer.output[0]))
        scale = np.float64(clean.get_initializer(quantizer.input[1]))
        expected = execute_network(clean, None, frame) / scale
        np.testing.assert_allclose(streams[threshold.output[0]], expected.transpose(0, 2, 3, 1), atol=1e-6)


def test_all_streams_are_integers_of_their_type() -> None:
    net = ForeignNet(signed_activations=True, negative_gammas=True)
    built = after(net, MINIMIZED)
    assert built.parent is not None
    streams = execute_dataflow(built.model, host_input(built.parent, exported(net).frames[:1]))
    assert {name for node in built.model.graph.node for name in node.output} < set(streams)
    for name, values in streams.items():
        datatype = built.model.get_tensor_datatype(name)
        assert datatype.is_integer()
        assert datatype.min() <= values.min() <= values.max() <= datatype.max()
        assert values.shape == tuple(built.model.get_tensor_shape(name))


def test_a_value_outside_its_type_is_noticed() -> None:
    net = ForeignNet()
    built = after(net, MINIMIZED)
    assert built.parent is not None
    integers = host_input(built.parent, exported(net).frames[:1])
    assert integers.max() > 3
    source = built.model.graph.input[0].name
    built.model.set_tensor_datatype(source, DataType["UINT2"])
    try:
        with pytest.raises(AssertionError, match="not UINT2"):
            execute_dataflow(built.model, integers)
    finally:
        built.model.set_tensor_datatype(source, DataType["UINT8"])


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(UserError, match=r"shape \(1, 1, 8, 8\), the network takes \(1, 1, 16, 16\)"):
        execute_network(after(ForeignNet(), "step_qonnx_cleanup").model, None, np.zeros((1, 1, 8, 8), np.float32))


def _file(*nodes, outputs=("y",), **constants) -> ModelWrapper:
    """A network of `nodes` from the image x (1, 2, 4, 4) on."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4, 4])],
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in constants.items()],
    )
    return ModelWrapper(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))


IMAGE = np.random.default_rng(1).standard_normal((1, 2, 4, 4)).astype(np.float32)


def test_whole_numbers_of_a_file_are_computed_as_whole_numbers() -> None:
    model = _file(
        helper.make_node("ArgMax", ["x"], ["a"], axis=1),
        helper.make_node("Sub", ["a", "three"], ["b"]),
        helper.make_node("Div", ["b", "two"], ["y"]),
        three=np.array(3),
        two=np.array(2),
    )
    y = execute_file(model, {"x": IMAGE})["y"]
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, -1)  # -3 / 2 and -2 / 2, rounded to 0


def test_a_file_may_have_several_outputs_and_leave_out_inputs() -> None:
    model = _file(
        helper.make_node("Resize", ["x", "", "scales"], ["z"], mode="linear"),
        helper.make_node("Greater", ["z", "zero"], ["y"]),
        outputs=("z", "y"),
        scales=np.float32([1, 1, 2, 2]),
        zero=np.float32(0),
    )
    found = execute_file(model, {"x": IMAGE})
    assert {name: value.dtype.kind for name, value in found.items()} == {"z": "f", "y": "b"}
    np.testing.assert_array_equal(found["y"], found["z"] > 0)
    assert found["z"].shape == (1, 2, 8, 8)


def test_constants_are_computed_from_constants_as_every_tool_folds_them() -> None:
    """In float32, and the network's values in float64."""
    third, tenth = np.float32(1 / 3), np.float32(0.1)
    model = _file(
        helper.make_node("Mul", ["third", "tenth"], ["scale"]),
        helper.make_node("Mul", ["x", "scale"], ["y"]),
        third=third,
        tenth=tenth,
    )
    np.testing.assert_array_equal(
        execute_file(model, {"x": IMAGE})["y"], IMAGE.astype(np.float64) * np.float64(third * tenth)
    )


def test_an_operator_that_cannot_be_executed_is_named() -> None:
    model = _file(
        helper.make_node("ArgMax", ["x"], ["a"], axis=1),
        helper.make_node("Div", ["a", "nothing"], ["y"], name="halve"),
        nothing=np.array(0),
    )
    with pytest.raises(UserError, match="operator Div cannot be executed: it divides an integer by 0") as caught:
        execute_file(model, {"x": IMAGE})
    assert "halve" in caught.value.where


@pytest.mark.parametrize(
    ("nodes", "moved"),
    [
        ([("Reshape", ["t", "shape"], ["y"], {})], lambda x: x.reshape(1, 2, 2, 2, 4)),
        ([("Flatten", ["t"], ["y"], {})], lambda x: x.reshape(1, 32)),
        ([("Split", ["t", "sizes"], ["", "y"], {"axis": 2})], lambda x: x[:, :, 1:]),
        ([("Gather", ["t", "places"], ["y"], {"axis": 1})], lambda x: x[:, [1, 0, 1]]),
    ],
)
def test_what_only_moves_values_rounds_none(nodes: list, moved) -> None:
    model = _file(
        helper.make_node("Mul", ["x", "third"], ["t"]),
        *(helper.make_node(kind, inputs, outputs, **attributes) for kind, inputs, outputs, attributes in nodes),
        third=np.float32(1 / 3),
        shape=np.array([1, 2, 2, 2, 4]),
        sizes=np.array([1, 3]),
        places=np.array([1, 0, 1]),
    )
    product = IMAGE.astype(np.float64) * np.float64(np.float32(1 / 3))
    assert not np.array_equal(product, product.astype(np.float32))
    np.testing.assert_array_equal(execute_file(model, {"x": IMAGE})["y"], moved(product))
