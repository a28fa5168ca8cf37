# SPDX-License-Identifier: BSD-3-Clause
"""Products of two branches of activations, such as gates: both have been quantized, and their shapes fit."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import maker_of
from hw_flows.network.branches import Branch, find_branch
from hw_flows.network.declared import MAX_INTEGER_BITS
from hw_flows.operators.front_end import unsupported
from hw_flows.operators.multiply.factors import product_range, repeats

#: Of an integer that is multiplied by another.
MAX_FACTOR_BITS = 16


def check_product(model: ModelWrapper, node: Any) -> None:
    """Raises UserError where `node`, a product of two branches, has no hardware."""
    _check_shapes(model, node)
    if node.input[0] == node.input[1]:
        raise unsupported(
            model,
            node,
            f"it multiplies {maker_of(model, node.input[0])} by itself, and something else than a quantizer reads that",
            "put a quantizer (QuantIdentity) behind it: both together become thresholds",
        )
    factors = [_factor(model, node, name) for name in node.input]
    for factor in factors:
        if factor.datatype().bitwidth() > MAX_FACTOR_BITS:
            raise unsupported(
                model,
                node,
                f"a branch that it multiplies, {factor.name}, has {factor.datatype().bitwidth()} bits, more than {MAX_FACTOR_BITS}",
                f"put a quantizer (QuantIdentity) behind {factor.name}",
            )
    low, high = product_range(*(factor.datatype() for factor in factors))
    if max(-low, high) > 2**MAX_INTEGER_BITS:
        bits = " and ".join(f"{factor.datatype().bitwidth()} ({factor.name})" for factor in factors)
        raise unsupported(
            model,
            node,
            f"its products of integers of {bits} bits reach {max(-low, high)}, more than {2**MAX_INTEGER_BITS}",
            "quantize one of the two branches to fewer bits",
        )


def _factor(model: ModelWrapper, node: Any, tensor: str) -> Branch:
    found = find_branch(model, tensor, node)
    if model.find_producer(tensor) is None:
        raise unsupported(
            model,
            node,
            f"it multiplies the network's input {tensor} itself",
            "quantize the image in the network (QuantIdentity) and multiply the result",
        )
    if found is None:
        name = maker_of(model, tensor)
        raise unsupported(
            model,
            node,
            f"a branch that it multiplies, {name}, is the sum of branches whose scales have no common measure",
            f"put a quantizer (QuantIdentity) behind {name}",
        )
    return found


def _check_shapes(model: ModelWrapper, node: Any) -> None:
    shapes = [tuple(model.get_tensor_shape(name) or ()) for name in node.input]
    if all(len(shape) == 4 for shape in shapes):
        whole = tuple(map(max, *shapes))
        other = shapes[0] if shapes[1] == whole else shapes[1]
        if whole in shapes and repeats((*other[2:], other[1]), (*whole[2:], whole[1])) is not None:
            return
    raise unsupported(
        model,
        node,
        f"it multiplies tensors of the shapes {list(shapes[0])} and {list(shapes[1])}",
        "multiply a branch (1, channels, height, width) by one of the same shape, by one value for each channel "
        "(1, channels, 1, 1), or by one for each pixel (1, 1, height, width)",
    )
