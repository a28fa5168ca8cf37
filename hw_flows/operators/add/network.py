# SPDX-License-Identifier: BSD-3-Clause
"""Add of two branches: integers, each branch times a factor where their scales differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NHWC, new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd
from hw_flows.operators.shared.measure import common_measure

#: Factors are at most this: FINN computes in float32, which counts to 2**24.
_LARGEST_FACTOR = 2**24


def adds_branches(model: ModelWrapper, node: Any) -> bool:
    """An Add of two activations, rather than of a constant."""
    return node.op_type == "Add" and all(model.get_initializer(name) is None for name in node.input)


class MoveMeasurePastAdd(Transformation):
    """Mul by s, Mul by t, Add of both: where s = p * m and t = q * m with integers p, q that have no common divisor, Mul by
    p, Mul by q, Add, Mul by m. Muls by 1 vanish."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            factors = [_factor(model, name) for name in node.input] if adds_branches(model, node) else []
            if not factors or None in factors:
                continue
            found = common_measure([factor for factor in factors if factor is not None], _LARGEST_FACTOR)
            if found is None:
                continue
            measure, multiples = found
            if measure == 1 and list(multiples) == factors:
                _say_integers(model, node)
                continue
            for index, multiple in enumerate(multiples):
                _set_factor(model, node, index, multiple)
            result, node.output[0] = node.output[0], new_tensor(model, model.get_tensor_shape(node.output[0]))
            name = model.make_new_valueinfo_name()
            model.set_initializer(name, np.asarray(measure))
            product = helper.make_node("Mul", [node.output[0], name], [result])
            model.graph.node.insert(list(model.graph.node).index(node) + 1, product)
            return model, True
        return model, False


def _mul_before(model: ModelWrapper, tensor: str) -> Any | None:
    producer = model.find_producer(tensor)
    constant = (
        producer is not None and producer.op_type == "Mul" and model.get_initializer(producer.input[1]) is not None
    )
    return producer if constant else None


def _factor(model: ModelWrapper, tensor: str) -> float | None:
    """What `tensor` is multiplied by last; None where that is not one number, or others read the product, too."""
    mul = _mul_before(model, tensor)
    if mul is None:
        return 1.0
    value = model.get_initializer(mul.input[1])
    return None if value.size != 1 or model.is_fork_node(mul) else float(np.ravel(value)[0])


def _say_integers(model: ModelWrapper, add: Any) -> None:
    """The factors before `add`, which are whole numbers, are of an integer type."""
    for mul in filter(None, (_mul_before(model, name) for name in add.input)):
        factor = int(np.ravel(model.get_initializer(mul.input[1]))[0])
        model.set_tensor_datatype(mul.input[1], DataType.get_smallest_possible(factor))


def _set_factor(model: ModelWrapper, add: Any, index: int, factor: int) -> None:
    mul = _mul_before(model, add.input[index])
    if mul is not None:
        add.input[index] = mul.input[0]
        model.graph.node.remove(mul)
    if factor == 1:
        return
    name, source = model.make_new_valueinfo_name(), add.input[index]
    model.set_initializer(name, np.asarray(float(factor)))
    add.input[index] = new_tensor(model, model.get_tensor_shape(source))
    product = helper.make_node("Mul", [source, name], [add.input[index]])
    model.graph.node.insert(list(model.graph.node).index(add), product)


def _turn(model: ModelWrapper, node: Any) -> None:
    """A constant for each channel follows the channels to the last axis."""
    for index, name in enumerate(node.input):
        value = model.get_initializer(name)
        if value is None or value.size == 1:
            continue
        node.input[index] = model.make_new_valueinfo_name()
        model.set_initializer(
            node.input[index], value.reshape((1,) * (4 - value.ndim) + value.shape).transpose(TO_NHWC)
        )
        model.set_tensor_datatype(node.input[index], model.get_tensor_datatype(name))


class InferScaledAdd(Transformation):
    """Add of two branches of integers, with the integers that they are multiplied by, becomes ScaledAdd."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if not adds_branches(model, node):
                continue
            muls = [_mul_before(model, name) for name in node.input]
            sources = [name if mul is None else mul.input[0] for name, mul in zip(node.input, muls, strict=True)]
            factors = [_factor(model, name) for name in node.input]
            datatypes = [model.get_tensor_datatype(name) for name in sources]
            if not all(d.is_integer() for d in datatypes) or any(f is None or f != round(f) for f in factors):
                continue
            shape = list(model.get_tensor_shape(node.output[0]))
            new = helper.make_node(
                "ScaledAdd",
                sources,
                [node.output[0]],
                domain=HW_DOMAIN,
                backend="fpgadataflow",
                lhs_shape=shape,
                rhs_shape=shape,
                out_shape=shape,
                lhs_dtype=datatypes[0].name,
                rhs_dtype=datatypes[1].name,
                out_dtype="INT32",  # until the types are inferred
                factors=[int(factor) for factor in factors if factor is not None],
                name=f"ScaledAdd_{node.name}",
            )
            model.graph.node.insert(index, new)
            model.graph.node.remove(node)
            for mul in muls:
                if mul is not None:
                    model.graph.node.remove(mul)
            return model, True
        return model, False


FRONT_END = FrontEnd(
    sums=frozenset({"Add"}),
    moves=lambda: (MoveMeasurePastAdd(),),
    turns=dict.fromkeys(("Add", "Mul"), _turn),
    convert=lambda: (InferScaledAdd(),),
)
