# SPDX-License-Identifier: BSD-3-Clause
"""Thresholds on integers become integers, however large."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.round_thresholds import RoundAndClipThresholds


def _rounded(thresholds: list[float], datatype: str, of_a_sum: bool = False) -> tuple[np.ndarray, str]:
    """Thresholds on an input of that type, or on the sum of two tensors, which QONNX calls one of that type."""
    a, b, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 1, 1]) for name in "aby")
    node = helper.make_node("MultiThreshold", ["x" if of_a_sum else "a", "t"], ["y"], domain="qonnx.custom_op.general")
    node.attribute.append(helper.make_attribute("out_dtype", "UINT4"))
    nodes = [helper.make_node("Add", ["a", "b"], ["x"]), node] if of_a_sum else [node]
    inputs = [a, b] if of_a_sum else [a]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "thresholds", inputs, [y])))
    model.set_initializer("t", np.array([thresholds]))
    model.set_tensor_datatype(node.input[0], DataType[datatype])
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


@pytest.mark.parametrize(
    ("thresholds", "integers"),
    [
        ([-1.5, 0.5, np.inf], [-1, 1, 2**31]),
        ([9151252679.5, 160470182126.5, np.inf], [9151252680, 160470182127, 2**48]),
    ],
)
def test_what_is_never_passed_is_above_all_sums(thresholds: list[float], integers: list[int]) -> None:
    values, _ = _rounded(thresholds, "INT32", of_a_sum=True)
    assert values.tolist() == integers
