# SPDX-License-Identifier: BSD-3-Clause
"""What only nearly does nothing is not removed."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.transform import RemoveExactIdentities


@pytest.mark.parametrize(
    ("op_type", "value", "stays"),
    [("Add", 0.0, False), ("Add", 1e-6, True), ("Mul", 1.0, False), ("Mul", 0.999995, True)],
)
def test_only_exact_identities_are_removed(op_type: str, value: float, stays: bool) -> None:
    def info(name: str):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2, 2, 2])

    nodes = [helper.make_node(op_type, ["x", "c"], ["m"]), helper.make_node("Relu", ["m"], ["y"])]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "g", [info("x")], [info("y")])))
    model.set_initializer("c", np.full((1, 2, 1, 1), value, np.float32))
    kinds = [node.op_type for node in model.transform(RemoveExactIdentities()).graph.node]
    assert kinds == ([op_type, "Relu"] if stays else ["Relu"])
