# SPDX-License-Identifier: BSD-3-Clause
"""Sizes computed from known shapes become constants; nothing that is large, unknown or cannot be computed does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from hw_flows.network.fold_sizes import fold_sizes


def network(*nodes: Any, **constants: np.ndarray) -> Any:
    """`nodes` between the image x (1, 2, 6, 8) and the output y."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 6, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def folded(model: Any) -> dict[str, np.ndarray]:
    fold_sizes(model)
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_twice_the_height_of_the_image_is_a_number() -> None:
    model = network(
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "two"], ["height"]),
        helper.make_node("Mul", ["height", "two"], ["twice"]),
        helper.make_node("Expand", ["x", "twice"], ["y"]),
        two=np.array(2),
    )
    assert folded(model)["twice"] == 12
    assert [node.op_type for node in model.graph.node] == ["Expand"]


def test_whole_numbers_are_divided_as_onnx_divides_them() -> None:
    """-7 / 2 is -3 there, and -4 in Python."""
    nodes = [helper.make_node("Div", ["a", "b"], ["q"]), helper.make_node("Mul", ["x", "q"], ["y"])]
    constants = folded(network(*nodes, a=np.array([-7, 7, -(2**63)]), b=np.array([2, -2, -1])))
    assert constants["q"].tolist() == [-3, -3, -(2**63)]


def test_shapes_behind_a_computed_shape_are_known_too() -> None:
    model = network(
        helper.make_node("Shape", ["x"], ["s"], start=2, end=4),
        helper.make_node("Concat", ["one", "s"], ["wanted"], axis=0),
        helper.make_node("Reshape", ["x", "wanted"], ["z"]),
        helper.make_node("Shape", ["z"], ["again"]),
        helper.make_node("Size", ["z"], ["size"]),
        helper.make_node("Tile", ["z", "again"], ["w"]),
        helper.make_node("Mul", ["w", "size"], ["y"]),
        one=np.array([2]),
    )
    constants = folded(model)
    assert constants["again"].tolist() == [2, 6, 8]
    assert constants["size"] == 96


@pytest.mark.parametrize(
    ("node", "constants"),
    [
        (helper.make_node("ConstantOfShape", ["s"], ["c"]), {"s": np.array([2**20, 2**20])}),
        (helper.make_node("ConstantOfShape", ["s"], ["c"]), {"s": np.array([40, 40])}),
        (helper.make_node("Range", ["a", "b", "s"], ["c"]), {"a": np.array(0), "b": np.array(2**40), "s": np.array(1)}),
        (helper.make_node("Div", ["a", "b"], ["c"]), {"a": np.array(1), "b": np.array(0)}),
        (helper.make_node("Div", ["a", "b"], ["c"]), {"a": np.float32(1), "b": np.float32(0)}),
        (helper.make_node("Gather", ["a", "b"], ["c"]), {"a": np.arange(3), "b": np.array(7)}),
        (helper.make_node("Add", ["a", "b"], ["c"]), {"a": np.ones((1000, 1)), "b": np.ones((1, 1000))}),
        (helper.make_node("Sigmoid", ["a"], ["c"]), {"a": np.float32(1)}),
    ],
    ids=["huge", "large", "endless", "by 0", "infinite", "outside", "product", "not a size"],
)
def test_what_is_large_or_fails_or_is_no_size_stays(node: Any, constants: dict[str, Any]) -> None:
    given = {name: np.asarray(value) for name, value in constants.items()}
    model = network(node, helper.make_node("Relu", ["x"], ["y"]), **given)
    assert set(folded(model)) == set(constants)
    assert [n.op_type for n in model.graph.node] == [node.op_type, "Relu"]


def test_an_unknown_size_stays() -> None:
    model = network(helper.make_node("Shape", ["x"], ["s"]), helper.make_node("Expand", ["x", "s"], ["y"]))
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"
    assert folded(model) == {}
