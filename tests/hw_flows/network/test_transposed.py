# SPDX-License-Identifier: BSD-3-Clause
"""Transposed convolutions split into phases, against PyTorch's own, over kernels, strides, paddings and sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model
from torch.nn import functional

from hw_flows.network.execute import execute_network
from hw_flows.network.transposed import split_transposed

C_IN, C_OUT = 2, 3


def _network(size: list[int], weights: np.ndarray, bias: np.ndarray | None, **attributes: object) -> ModelWrapper:
    """One ConvTranspose with quantized weights, a scale for each output channel."""
    constants = {"w": weights, "s": np.full((1, C_OUT, 1, 1), 1.0), "z": np.array(0.0), "b": np.array(4.0)}
    nodes = [
        helper.make_node("Quant", ["w", "s", "z", "b"], ["q"], domain="qonnx.custom_op.general", name="Quant_0"),
        helper.make_node("ConvTranspose", ["x", "q"], ["y"], name="ConvTranspose_0", **attributes),
    ]
    if bias is not None:
        constants["bias"] = bias
        nodes[1].input.append("bias")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, C_IN, *size])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "net", [x], [y])))
    for name, value in constants.items():
        model.set_initializer(name, np.float32(value))
    model.set_tensor_shape("q", list(weights.shape))
    return model


@st.composite
def _axis(draw: st.DrawFn, stride: int) -> tuple[int, int, int, int]:
    """Kernel, padding, output padding and size along one axis, with a result of at least a pixel."""
    kernel = draw(st.integers(stride, 5))
    padding, more = draw(st.integers(0, min(3, kernel - 1))), draw(st.integers(0, min(2, stride - 1)))
    least = next(n for n in range(1, 9) if (n - 1) * stride - 2 * padding + kernel + more >= 1)
    return kernel, padding, more, draw(st.integers(least, least + 3))


@given(
    shape=st.integers(1, 3).flatmap(lambda stride: st.tuples(st.just(stride), _axis(stride), _axis(stride))),
    biased=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_the_phases_are_what_pytorch_computes(
    shape: tuple[int, tuple[int, int, int, int], tuple[int, int, int, int]], biased: bool
) -> None:
    stride, *axes = shape
    kernel, padding, more, size = (list(values) for values in zip(*axes, strict=True))
    draw = np.random.default_rng(sum(kernel))
    weights, x = draw.integers(-7, 8, (C_IN, C_OUT, *kernel)), draw.integers(0, 16, (1, C_IN, *size))
    bias = draw.integers(-9, 9, C_OUT) if biased else None
    expected = functional.conv_transpose2d(
        torch.tensor(x, dtype=torch.float64),
        torch.tensor(weights, dtype=torch.float64),
        None if bias is None else torch.tensor(bias, dtype=torch.float64),
        stride,
        padding,
        more,
    ).numpy()
    attributes = {"strides": [stride] * 2, "pads": [*padding, *padding], "output_padding": more, "kernel_shape": kernel}
    model = _network(size, weights, bias, **attributes)
    model.set_tensor_shape("y", list(expected.shape))
    np.testing.assert_array_equal(execute_network(model, None, x), expected)
    split_transposed(model)
    np.testing.assert_array_equal(execute_network(model, None, x), expected)
    plain = kernel == [stride] * 2 and not any(padding) and not any(more)
    assert bool(model.get_nodes_by_op_type("ConvTranspose")) is plain


@pytest.mark.parametrize(
    ("kernel", "padding", "more", "products", "nodes"),
    [
        (3, 1, 1, 9 * 36, ["Conv"] * 4 + ["Concat", "DepthToSpace"]),  # none with a zero
        (4, 1, 0, 16 * 49, ["Conv", "DepthToSpace", "Slice"]),  # a row and a column more
        (5, 2, 1, 25 * 36, ["Conv"] * 4 + ["Concat", "DepthToSpace"]),
        (6, 2, 0, 36 * 36, ["Conv", "DepthToSpace"]),
    ],
)
def test_products_are_those_of_the_kernel(
    kernel: int, padding: int, more: int, products: int, nodes: list[str]
) -> None:
    weights = np.ones((C_IN, C_OUT, kernel, kernel))
    out = 5 * 2 - 2 * padding + kernel + more
    attributes = {"strides": [2, 2], "pads": [padding] * 4, "output_padding": [more] * 2}
    model = _network([6, 6], weights, None, **attributes)
    model.set_tensor_shape("y", [1, C_OUT, out, out])
    split_transposed(model)
    counted = 0
    for conv in model.get_nodes_by_op_type("Conv"):
        _, phases, height, width = model.get_tensor_shape(conv.output[0])
        taps = model.get_tensor_shape(conv.input[1])[2:]
        counted += phases // C_OUT * height * width * taps[0] * taps[1]
    assert counted == products
    assert [n.op_type for n in model.graph.node if n.op_type not in ("Quant",)] == nodes


def test_what_cannot_be_split_stays() -> None:
    model = _network([4, 4], np.ones((C_IN, C_OUT, 2, 2)), None, strides=[3, 3])
    model.set_tensor_shape("y", [1, C_OUT, 11, 11])
    split_transposed(model)
    assert [n.op_type for n in model.graph.node] == ["Quant", "ConvTranspose"]
