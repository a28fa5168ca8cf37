# SPDX-License-Identifier: BSD-3-Clause
"""The operators in float64 agree with onnxruntime's float32."""

from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from hw_flows.network.arithmetic import compute

RANDOM = np.random.default_rng(0)


def _array(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def _onnxruntime(node, inputs: list[np.ndarray]) -> np.ndarray:
    def info(name: str, shape=None):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        [node], "one", [info(n, i.shape) for n, i in zip(node.input, inputs, strict=True) if n], [info("y")]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {n: i for n, i in zip(node.input, inputs, strict=True) if n})[0]


@pytest.mark.parametrize(
    ("op_type", "shapes", "attributes"),
    [
        ("Conv", [(1, 3, 6, 5), (4, 3, 3, 3)], {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}),
        ("Conv", [(1, 3, 7, 9), (4, 3, 3, 1), (4,)], {"strides": [2, 3], "pads": [1, 0, 2, 1]}),
        ("Conv", [(1, 2, 9, 9), (3, 2, 3, 3)], {"dilations": [2, 3]}),
        ("ConvTranspose", [(1, 3, 4, 5), (3, 2, 2, 3)], {"strides": [2, 3]}),
        ("MaxPool", [(1, 3, 6, 8)], {"kernel_shape": [2, 4], "strides": [2, 4]}),
        ("MaxPool", [(1, 3, 7, 7)], {"kernel_shape": [3, 3], "strides": [2, 2]}),
        ("MaxPool", [(1, 3, 7, 8)], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("MaxPool", [(1, 3, 7, 8)], {"kernel_shape": [2, 3], "strides": [2, 2], "pads": [0, 1, 1, 0]}),
        ("MaxPool", [(1, 3, 7, 9)], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
        ("AveragePool", [(1, 3, 6, 8)], {"kernel_shape": [2, 4], "strides": [2, 4]}),
        ("AveragePool", [(1, 3, 7, 8)], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
        ("AveragePool", [(1, 3, 7, 8)], {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 1, 1, 0]}),
        ("GlobalAveragePool", [(1, 3, 7, 8)], {}),
        ("ReduceMean", [(1, 3, 7, 8)], {"axes": [2, 3]}),
        ("Conv", [(1, 4, 6, 5), (4, 1, 3, 3)], {"pads": [1, 1, 1, 1], "group": 4}),
        ("Conv", [(1, 4, 6, 5), (6, 2, 3, 3), (6,)], {"group": 2}),
        ("Concat", [(1, 2, 3, 3), (1, 4, 3, 3)], {"axis": 1}),
        ("Transpose", [(1, 2, 3, 4)], {"perm": [0, 2, 3, 1]}),
        ("Relu", [(1, 2, 3, 3)], {}),
        ("MatMul", [(1, 3, 3, 5), (5, 2)], {}),
        ("Div", [(1, 2, 3, 3), (2, 1, 1)], {}),
    ],
)
def test_agrees_with_onnxruntime(op_type: str, shapes: list[tuple[int, ...]], attributes: dict) -> None:
    inputs = [_array(*shape) for shape in shapes]
    node = helper.make_node(op_type, [f"x{i}" for i in range(len(inputs))], ["y"], **attributes)
    result = compute(node, [np.float64(i) for i in inputs])
    assert result is not None
    np.testing.assert_allclose(result, _onnxruntime(node, inputs), rtol=1e-4, atol=1e-5)


def test_nearest_resize_repeats_pixels() -> None:
    x, scales = _array(1, 2, 3, 4), np.array([1, 1, 2, 3], np.float32)
    node = helper.make_node(
        "Resize", ["x", "", "s"], ["y"], coordinate_transformation_mode="asymmetric", nearest_mode="floor"
    )
    np.testing.assert_array_equal(
        compute(node, [np.float64(x), None, np.float64(scales)]), x.repeat(2, axis=2).repeat(3, axis=3)
    )


@given(
    st.sampled_from(["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"]),
    st.sampled_from(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]),
    st.integers(1, 5),
)
@settings(deadline=None, max_examples=80)
def test_a_resize_to_the_nearest_pixel_repeats_pixels_or_is_left_to_the_caller(
    transform: str, rounding: str, factor: int
) -> None:
    x, scales = _array(1, 1, 3, 4), np.array([1, 1, factor, 1], np.float32)
    attributes = {"coordinate_transformation_mode": transform, "nearest_mode": rounding}
    node = helper.make_node("Resize", ["x", "", "s"], ["y"], **attributes)
    found = compute(node, [np.float64(x), None, np.float64(scales)])
    if found is not None:
        np.testing.assert_array_equal(found, _onnxruntime(node, [x, np.zeros(0), scales]))
    elif transform == "asymmetric":
        assert rounding != "floor"


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_quantizers_of_onnx_give_its_integers(kind: type) -> None:
    x, scale = _array(1, 3, 4, 4), np.array([0.01, 0.02, 0.3], np.float32)
    zero = np.array([0, 3, 5], kind)
    node = helper.make_node("QuantizeLinear", ["x", "s", "z"], ["y"], axis=1)
    integers = compute(node, [np.float64(x), np.float64(scale), zero])
    assert integers is not None
    assert integers.dtype == kind
    columns = (slice(None), None, None)
    limits = np.iinfo(kind)
    wanted = np.clip(np.rint(x / scale[columns]) + zero[columns], limits.min, limits.max)
    np.testing.assert_array_equal(integers, wanted)
    back = compute(helper.make_node("DequantizeLinear", ["y", "s", "z"], ["x"], axis=1), [integers, scale, zero])
    np.testing.assert_array_equal(back, (wanted - zero[columns]) * np.float64(scale)[columns])


def test_clip_may_have_one_bound() -> None:
    node = helper.make_node("Clip", ["x", "", "high"], ["y"])
    found = compute(node, [np.arange(-2.0, 3.0), None, np.float64(1)])
    np.testing.assert_array_equal(found, [-2, -1, 0, 1, 1])


@given(st.lists(st.integers(-40, 40), min_size=1, max_size=20).map(sorted), st.integers(-5, 5))
@settings(deadline=None, max_examples=50)
def test_multi_threshold_counts_the_thresholds_that_are_reached(thresholds: list[int], bias: int) -> None:
    x = np.arange(-45, 46, dtype=np.float64).reshape(1, 1, 7, 13)
    node = helper.make_node("MultiThreshold", ["x", "t"], ["y"], out_bias=float(bias), data_layout="NCHW")
    counts = (x[..., None] >= np.array(thresholds)).sum(-1) + bias
    np.testing.assert_array_equal(compute(node, [x, np.float64([thresholds])]), counts)


@pytest.mark.parametrize(
    "node",
    [
        SimpleNamespace(op_type="Shrink", attribute=[]),
        helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], auto_pad="SAME_UPPER"),
        helper.make_node("Resize", ["x"], ["y"], mode="linear"),
    ],
)
def test_what_is_not_here_is_left_to_the_caller(node) -> None:
    assert compute(node, [np.zeros((1, 1, 4, 4))]) is None
