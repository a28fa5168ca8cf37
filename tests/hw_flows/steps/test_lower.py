# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions become matrix products in NHWC."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.execute import execute_network
from hw_flows.operators.pixel_shuffle.network import LowerConvTransposeToPixelShuffle
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after


@pytest.mark.parametrize(
    "net",
    [
        ForeignNet(channels=(4, 8, 12)),
        ForeignNet(decoder="transpose"),
        ForeignNet(dense_skips=True, power_of_two_scales=True),
        ForeignNet(downsample="stride"),
    ],
)
def test_transposes_are_left_at_input_and_output_only(net: ForeignNet) -> None:
    model = after(net, "step_lower").model
    kinds = [node.op_type for node in model.graph.node]
    assert not {"Conv", "ConvTranspose", "MaxPool"}.intersection(kinds)
    transposes = [index for index, kind in enumerate(kinds) if kind == "Transpose"]
    assert transposes == [1, len(kinds) - 3]  # behind the host's quantizer, before the last scale and bias


@given(
    c_in=st.integers(1, 3),
    c_out=st.integers(1, 3),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    image=st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
@settings(deadline=None, max_examples=25)
def test_a_transposed_convolution_is_a_product_and_a_shuffle(
    c_in: int, c_out: int, kernel: tuple[int, int], image: tuple[int, int]
) -> None:
    shapes = [1, c_in, *image], [1, c_out, image[0] * kernel[0], image[1] * kernel[1]]
    graph = helper.make_graph(
        [helper.make_node("ConvTranspose", ["x", "w"], ["y"], kernel_shape=kernel, strides=kernel)],
        "up",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shapes[0])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shapes[1])],
    )
    model = ModelWrapper(qonnx_make_model(graph))
    random = np.random.default_rng(0)
    model.set_initializer("w", random.integers(-8, 8, (c_in, c_out, *kernel)).astype(np.float32))
    for name, kind in (("x", "UINT4"), ("w", "INT4"), ("y", "INT32")):
        model.set_tensor_datatype(name, DataType[kind])
    x = random.integers(0, 16, shapes[0]).astype(np.float32)
    expected = execute_network(model, None, x)
    lowered = model.transform(LowerConvTransposeToPixelShuffle())
    assert [n.op_type for n in lowered.graph.node] == ["Transpose", "MatMul", "PixelShuffle", "Transpose"]
    np.testing.assert_array_equal(execute_network(lowered, None, x), expected)
