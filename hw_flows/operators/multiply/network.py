# SPDX-License-Identifier: BSD-3-Clause
"""Mul of two branches: integers, their scales behind it."""

from __future__ import annotations

from typing import Any

from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd


def multiplies_branches(model: ModelWrapper, node: Any) -> bool:
    """A Mul of two activations, rather than by a constant."""
    return node.op_type == "Mul" and all(model.get_initializer(name) is None for name in node.input)


class MoveScalesPastProduct(Transformation):
    """Mul of a branch by a constant, of one value or one for each channel, then Mul of two branches: the constant comes
    behind."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            if not multiplies_branches(model, node):
                continue
            for index, name in enumerate(node.input):
                mul = model.find_producer(name)
                if mul is not None and mul.op_type == "Mul" and not model.is_fork_node(mul):
                    scale = model.get_initializer(mul.input[1])
                    if scale is not None and (scale.size == 1 or scale.shape[-3:] == (scale.size, 1, 1)):
                        _move(model, node, index, mul)
                        return model, True
        return model, False


def _move(model: ModelWrapper, node: Any, index: int, mul: Any) -> None:
    product = node.output[0]
    node.input[index] = mul.input[0]
    node.output[0] = new_tensor(model, model.get_tensor_shape(product))
    behind = helper.make_node("Mul", [node.output[0], mul.input[1]], [product])
    model.graph.node.insert(list(model.graph.node).index(node) + 1, behind)
    model.graph.node.remove(mul)


class InferBranchProduct(Transformation):
    """Mul of two branches of integers, in NHWC, becomes BranchProduct; the one with the shape of the result comes first."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        from hw_flows.operators.multiply.hw import product_datatype

        for index, node in enumerate(model.graph.node):
            if not multiplies_branches(model, node):
                continue
            shape = list(model.get_tensor_shape(node.output[0]))
            factors = sorted(node.input, key=lambda name: list(model.get_tensor_shape(name)) != shape)
            datatypes = [model.get_tensor_datatype(name) for name in factors]
            if not all(datatype.is_integer() for datatype in datatypes):
                continue
            new = helper.make_node(
                "BranchProduct",
                factors,
                [node.output[0]],
                domain=HW_DOMAIN,
                backend="fpgadataflow",
                lhs_shape=shape,
                rhs_shape=list(model.get_tensor_shape(factors[1])),
                out_shape=shape,
                lhs_dtype=datatypes[0].name,
                rhs_dtype=datatypes[1].name,
                out_dtype=product_datatype(*datatypes).name,
                name=f"BranchProduct_{node.name}",
            )
            model.graph.node.insert(index, new)
            model.graph.node.remove(node)
            return model, True
        return model, False


FRONT_END = FrontEnd(
    multiplies=frozenset({"Mul"}),
    moves=lambda: (MoveScalesPastProduct(),),
    convert=lambda: (InferBranchProduct(),),
)
