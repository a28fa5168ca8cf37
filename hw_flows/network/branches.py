# SPDX-License-Identifier: BSD-3-Clause
"""Branches of activations that meet: which integers they hold, and of which scale, and so their sum and their product.

A branch is integers times one scale. The product of two is integers times the product of their scales. Their sum is integers
times a measure of both scales where there is one; else `sums.py` looks for integers that stand for them.

Graphs are clean QONNX in normal form; messages name its nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of
from hw_flows.network.normal_form.chain import (
    QUANTIZERS,
    data_inputs,
    is_absorbed,
    is_constant_quantizer,
    is_function_of_one,
    passing,
)
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import unsupported
from hw_flows.operators.multiply.factors import product_range
from hw_flows.operators.shared.measure import common_measure

#: Scales of branches that meet in a sum are whole multiples of the smallest, up to this one; beyond, factors are looked for.
MAX_SCALE_MULTIPLE = 256
#: What to do about branches of different scales.
SHARE = "let one quantizer make both branches (in Brevitas: call the same QuantIdentity on each)"
#: For sums and products: what becomes of branches, what the operator does, and what it is.
_KINDS = {"sum": ("added", "adds", "addition"), "product": ("multiplied", "multiplies", "multiplication")}


@dataclass(frozen=True)
class Branch:
    """Integers from `low` to `high` times `scale`, made by `name`."""

    scale: float
    low: int
    high: int
    name: str

    def datatype(self) -> BaseDataType:
        low, high = self.low, self.high
        return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))


def is_sum(model: ModelWrapper, node: NodeProto) -> bool:
    """Adds two branches of activations; an Add of a constant is none."""
    declared = any(node.op_type in front_end.sums for front_end in front_ends())
    return declared and _of_two_branches(model, node)


def is_product(model: ModelWrapper, node: NodeProto) -> bool:
    """Multiplies two branches of activations; a Mul by a constant is none."""
    declared = any(node.op_type in front_end.multiplies for front_end in front_ends())
    return declared and _of_two_branches(model, node)


def _of_two_branches(model: ModelWrapper, node: NodeProto) -> bool:
    if len(node.input) != 2 or not all(is_activation(model, name) for name in node.input):
        return False
    return not (is_function_of_one(model, node) and is_absorbed(model, node))


def is_activation(model: ModelWrapper, name: str) -> bool:
    """Whether the tensor depends on the image."""
    producer = model.find_producer(name)
    return model.get_initializer(name) is None and not (producer is not None and is_constant_quantizer(model, producer))


def _kind(model: ModelWrapper, reader: NodeProto) -> str:
    return "product" if is_product(model, reader) else "sum"


def find_branch(model: ModelWrapper, tensor: str, reader: NodeProto) -> Branch | None:
    """The integers that `tensor` holds; None where it is made of sums whose scales have no common measure.

    Raises UserError in the words of the network where it holds no integers of one scale.
    """
    producer = model.find_producer(tensor)
    if producer is None:
        datatype = model.get_tensor_datatype(tensor)
        if not datatype.is_integer():
            raise unsupported(
                model,
                reader,
                f"the network's input {tensor} is {_KINDS[_kind(model, reader)][0]} without a quantizer",
                "quantize the image first (Brevitas QuantIdentity, 8 bits)",
            )
        return Branch(1.0, int(datatype.min()), int(datatype.max()), f"input {tensor}")
    if producer.op_type in QUANTIZERS:
        return _of_quantizer(model, producer, reader)
    if (kind := passing(producer)) is not None:
        joined, parts = _joined(model, producer, reader), kind.parts(model, producer)
        if joined is None or parts == 1:
            return joined
        return Branch(joined.scale / parts, joined.low * parts, joined.high * parts, joined.name)
    if is_sum(model, producer) or is_product(model, producer):
        return exact_result(model, producer)
    constant = model.get_initializer(producer.input[1]) if producer.op_type in ("Mul", "Div") else None
    if constant is not None:
        factor = np.unique(np.asarray(constant, np.float64))
        before = find_branch(model, producer.input[0], reader) if factor.size == 1 and factor[0] > 0 else None
        if before is not None:
            scale = before.scale * factor[0] if producer.op_type == "Mul" else before.scale / factor[0]
            return Branch(float(scale), before.low, before.high, before.name)
    meeting = _KINDS[_kind(model, reader)][2]
    raise unsupported(
        model,
        producer,
        f"its result goes into the {meeting} {layer_of(model, reader)} without a quantizer",
        f"put a quantizer (QuantIdentity, or QuantReLU) behind it, before the {meeting}",
    )


def _of_quantizer(model: ModelWrapper, node: NodeProto, reader: NodeProto) -> Branch:
    quantizer = activation_quantizer(model, node)
    scales = np.unique(quantizer.scale)
    if scales.size > 1:
        raise unsupported(
            model,
            reader,
            f"a branch that it {_KINDS[_kind(model, reader)][1]} has a scale for each channel ({layer_of(model, node)})",
            "use one scale for the whole tensor (Brevitas: scaling_per_output_channel=False for activations)",
        )
    return Branch(float(scales[0]), quantizer.low, quantizer.high, layer_of(model, node))


def _joined(model: ModelWrapper, node: NodeProto, reader: NodeProto) -> Branch | None:
    parts = [find_branch(model, name, reader) for name in data_inputs(node)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if len({part.scale for part in known}) > 1:
        names = ", ".join(f"{part.scale:.6g} ({part.name})" for part in known)
        raise unsupported(
            model,
            reader,
            f"a branch that it {_KINDS[_kind(model, reader)][1]} is joined of others with different scales: {names}",
            SHARE,
        )
    name = known[0].name
    return Branch(known[0].scale, min(part.low for part in known), max(part.high for part in known), name)


def exact_result(model: ModelWrapper, node: NodeProto) -> Branch | None:
    """What `node`, a sum or a product, holds; None where a sum in it has scales without a common measure."""
    return exact_sum(model, node) if is_sum(model, node) else exact_product(model, node)


def exact_product(model: ModelWrapper, node: NodeProto) -> Branch | None:
    """What `node`, a product, holds: whatever the types of its factors allow, as hardware counts it."""
    factors = [find_branch(model, name, node) for name in node.input]
    known = [factor for factor in factors if factor is not None]
    if len(known) < len(factors):
        return None
    low, high = product_range(*(factor.datatype() for factor in known))
    return Branch(known[0].scale * known[1].scale, low, high, layer_of(model, node))


def exact_sum(model: ModelWrapper, node: NodeProto) -> Branch | None:
    """What `node`, a sum, holds if the scales that meet in it have a common measure."""
    branches = [find_branch(model, name, node) for name in node.input]
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches):
        return None
    found = common_measure([branch.scale for branch in known], MAX_SCALE_MULTIPLE)
    if found is None:
        return None
    measure, factors = found
    low, high = reach(known, factors)
    return Branch(measure, low, high, layer_of(model, node))


def reach(branches: Sequence[Branch], factors: Sequence[int]) -> tuple[int, int]:
    """Least and largest sum of integers of the branches, each times its factor."""
    ends = [sorted((f * b.low, f * b.high)) for b, f in zip(branches, factors, strict=True)]
    return sum(low for low, _ in ends), sum(high for _, high in ends)
