# SPDX-License-Identifier: BSD-3-Clause
"""Each function in float64 is the one that ONNX Runtime computes in float32."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from hw_flows.graph_surgery import attributes_of
from hw_flows.network.functions import FUNCTIONS

X = np.linspace(-9, 9, 243, dtype=np.float32).reshape(1, 3, 1, 81)
CONSTANTS: dict[str, list[Any]] = {
    "PRelu": [np.float32([[[0.1]], [[-0.5]], [[2.0]]])],
    "Clip": [np.float32(-1.5), np.float32(2.5)],
    "Pow": [np.float32(2)],
    **{kind: [np.float32(0.75)] for kind in ("Max", "Min", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")},
}
ATTRIBUTES: list[tuple[str, dict[str, Any]]] = [
    ("LeakyRelu", {"alpha": 0.3}),
    ("Elu", {"alpha": 0.7}),
    ("Celu", {"alpha": 0.7}),
    ("Selu", {"alpha": 1.5, "gamma": 1.2}),
    ("HardSigmoid", {"alpha": 0.25, "beta": 0.4}),
    ("Gelu", {"approximate": "tanh"}),
    ("ThresholdedRelu", {"alpha": 2.0}),
]


def _run(node: Any, inputs: list[Any]) -> np.ndarray:
    values = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, np.shape(v))
        for n, v in zip(node.input, inputs, strict=True)
    ]
    kind = TensorProto.BOOL if node.op_type.startswith(("Greater", "Less")) else TensorProto.FLOAT
    graph = helper.make_graph([node], "one", values, [helper.make_tensor_value_info("y", kind, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {name: np.asarray(value) for name, value in zip(node.input, inputs, strict=True)})[0]


@pytest.mark.parametrize(("kind", "attributes"), [*((kind, {}) for kind in FUNCTIONS if kind != "Where"), *ATTRIBUTES])
def test_as_onnx_has_it(kind: str, attributes: dict[str, Any]) -> None:
    inputs = [X, *CONSTANTS.get(kind, [])]
    node = helper.make_node(kind, [f"x{i}" for i in range(len(inputs))], ["y"], **attributes)
    found = FUNCTIONS[kind](attributes_of(node), [np.asarray(value, np.float64) for value in inputs])
    np.testing.assert_allclose(found, _run(node, inputs), rtol=2e-5, atol=2e-6)


def test_where_chooses() -> None:
    x = np.arange(-2.0, 3.0)
    np.testing.assert_array_equal(FUNCTIONS["Where"]({}, [x > 0, x, 10 * x]), [-20, -10, 0, 1, 2])


def test_no_function_overflows_where_its_value_is_small() -> None:
    far = np.array([-1e12, 1e12])
    np.testing.assert_array_equal(FUNCTIONS["Sigmoid"]({}, [far]), [0, 1])
    np.testing.assert_array_equal(FUNCTIONS["Softplus"]({}, [far]), [0, 1e12])
    np.testing.assert_array_equal(FUNCTIONS["Elu"]({}, [far]), [-1, 1e12])
