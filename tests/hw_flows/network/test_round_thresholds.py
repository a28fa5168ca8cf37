# SPDX-License-Identifier: BSD-3-Clause
"""Thresholds on integers become integers, however large."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.round_thresholds import RoundAndClipThresholds


def _rounded(thresholds: list[float], datatype: str) -> tuple[np.ndarray, str]:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 1, 1]) for name in ("x", "y")]
    node = helper.make_node("MultiThreshold", ["x", "t"], ["y"], domain="qonnx.custom_op.general", out_dtype="UINT4")
    model = ModelWrapper(qonnx_make_model(helper.make_graph([node], "thresholds", ends[:1], ends[1:])))
    model.set_initializer("t", np.array([thresholds]))
    model.set_tensor_datatype("x", DataType[datatype])
    model = model.transform(RoundAndClipThresholds())
    return model.get_initializer("t")[0], model.get_tensor_datatype("t").name


def test_they_are_rounded_up_and_clipped_to_one_above_the_input() -> None:
    values, datatype = _rounded([-np.inf, -1.5, 2.0, 2.1, 99.0], "INT4")
    assert values.tolist() == [-8, -1, 2, 3, 8]
    assert values.dtype == np.float32
    assert datatype == "INT5"


def test_those_that_float32_does_not_hold_stay_exact() -> None:
    values, datatype = _rounded([2.0**24 + 0.5, 2.0**40 + 0.5, np.inf], "INT48")
    assert values.tolist() == [2**24 + 1, 2**40 + 1, 2**47]
    assert datatype == "INT49"


def test_thresholds_on_floats_stay() -> None:
    values, _ = _rounded([0.25, 0.5], "FLOAT32")
    assert values.tolist() == [0.25, 0.5]


def sum_with(thresholds: list[float]) -> ModelWrapper:
    """x + y, which QONNX takes for 32 bits, and thresholds on it."""
    images = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 1, 2, 2)) for name in "xyz"]
    constant = helper.make_tensor_value_info("t", TensorProto.FLOAT, (1, len(thresholds)))
    nodes = [
        helper.make_node("Add", ["x", "y"], ["s"]),
        helper.make_node("MultiThreshold", ["s", "t"], ["z"], domain="qonnx.custom_op.general", out_dtype="UINT2"),
    ]
    graph = helper.make_graph(nodes, "sum", [*images[:2], constant], images[2:])
    model = ModelWrapper(helper.make_model(graph))
    model.set_initializer("t", np.array([thresholds], np.float64))
    model.set_tensor_datatype("s", DataType["INT32"])
    return model


@pytest.mark.parametrize(
    ("thresholds", "integers"),
    [
        ([-1.5, 0.5, np.inf], [-1, 1, 2**31]),
        ([9151252679.5, 160470182126.5, np.inf], [9151252680, 160470182127, 2**48]),
    ],
)
def test_what_is_never_passed_is_above_all_sums(thresholds: list[float], integers: list[int]) -> None:
    model = sum_with(thresholds)
    RoundAndClipThresholds().apply(model)
    np.testing.assert_array_equal(model.get_initializer("t"), [integers])
