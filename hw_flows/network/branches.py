# SPDX-License-Identifier: BSD-3-Clause
"""What a tensor of activations holds: integers of which ranges times which scales, going back to the quantizers that made them.

Where branches meet, their product is integers times the product of their scales, and their sum is integers times a measure of both
scales where there is one; else `sums.py` looks for integers that stand for them.

Graphs are clean QONNX in normal form; messages name its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import quantized_constant
from hw_flows.network.declared import averages, products
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

#: Scales that meet are whole multiples of a common measure, up to this one.
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


@dataclass(frozen=True)
class Part:
    """Some `channels` of a tensor: integers from `low` to `high` times `scale` (one or one for each channel), made by the layer
    `name`. `wider`: the node, if any, that made their steps finer than their quantizer did."""

    channels: int
    scale: NDArray[np.float64]
    low: int
    high: int
    name: str
    wider: NodeProto | None = None
    average: NodeProto | None = None
    """The node, if any, that sums them up."""

    def divided(self, count: int) -> Part:
        """In sums of `count`, or in steps so much finer."""
        return replace(self, scale=self.scale / count, low=self.low * count, high=self.high * count)

    def bits(self) -> int:
        return int(Branch(1.0, self.low, self.high, "").datatype().bitwidth())

    def branch(self) -> Branch:
        """Raises ValueError where it has several scales."""
        (scale,) = np.unique(self.scale)
        return Branch(float(scale), self.low, self.high, self.name)


#: What is to be said of a tensor that no quantizer made: (tensor, its producer) -> its parts, or None.
Otherwise = Callable[[str, NodeProto | None], list[Part] | None]


def unknown_part(model: ModelWrapper) -> Otherwise:
    """For `parts_of`, where what no quantizer made, or is a sum of no common measure, is refused elsewhere."""

    def one(tensor: str, producer: NodeProto | None) -> list[Part]:
        name = f"input {tensor}" if producer is None else layer_of(model, producer)
        return [Part(int((model.get_tensor_shape(tensor) or [1, 1])[1]), np.ones(1), 0, 0, name)]

    return one


def parts_of(model: ModelWrapper, tensor: str, otherwise: Otherwise) -> list[Part] | None:
    """What `tensor` is joined of, in the order of its channels where nothing has changed that; None where `otherwise` does not
    know."""
    producer = model.find_producer(tensor)
    channels = int((model.get_tensor_shape(tensor) or [1, 1])[1])
    if producer is None:
        datatype = model.get_tensor_datatype(tensor)
        if not datatype.is_integer():
            return otherwise(tensor, None)
        return [Part(channels, np.ones(1), int(datatype.min()), int(datatype.max()), f"input {tensor}")]
    if producer.op_type in QUANTIZERS:
        quantizer = activation_quantizer(model, producer)
        return [Part(channels, quantizer.scale, quantizer.low, quantizer.high, layer_of(model, producer))]
    if producer.op_type in averages():
        before, count = parts_of(model, producer.input[0], otherwise), averages()[producer.op_type](model, producer)
        return before and [replace(part.divided(count), average=producer) for part in before]
    if (kind := passing(producer)) is not None:
        found: list[Part] = []
        for name in data_inputs(producer):
            parts = parts_of(model, name, otherwise)
            if parts is None:
                return None
            found += parts
        finer = kind.parts(model, producer)
        return found if finer == 1 else [replace(part.divided(finer), wider=producer) for part in found]
    if meets(model, producer) and (total := exact_result(model, producer)) is not None:
        return [Part(channels, np.array([total.scale]), total.low, total.high, total.name)]
    return otherwise(tensor, producer)


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


def meets(model: ModelWrapper, node: NodeProto) -> bool:
    """A sum or a product of two branches."""
    return is_sum(model, node) or is_product(model, node)


def _kind(model: ModelWrapper, reader: NodeProto) -> str:
    return "product" if is_product(model, reader) else "sum"


def find_branch(model: ModelWrapper, tensor: str, reader: NodeProto) -> Branch | None:
    """The integers that `tensor` holds; None where it is made of sums whose scales have no common measure.

    Raises UserError in the words of the network where it holds no integers of one scale.
    """
    parts = parts_of(model, tensor, lambda name, producer: _computed(model, name, producer, reader))
    if parts is None:
        return None
    average = next((part.average for part in parts if part.average is not None), None)
    if average is not None and is_product(model, reader):
        raise _not_quantized(model, average, reader)
    by_channel = next((part for part in parts if np.unique(part.scale).size > 1), None)
    if by_channel is not None:
        raise unsupported(
            model,
            reader,
            f"a branch that it {_KINDS[_kind(model, reader)][1]} has a scale for each channel ({by_channel.name})",
            "use one scale for the whole tensor (Brevitas: scaling_per_output_channel=False for activations)",
        )
    branches = [part.branch() for part in parts]
    if len({branch.scale for branch in branches}) > 1:
        names = ", ".join(f"{branch.scale:.6g} ({branch.name})" for branch in branches)
        raise unsupported(
            model,
            reader,
            f"a branch that it {_KINDS[_kind(model, reader)][1]} is joined of others with different scales: {names}",
            SHARE,
        )
    first = branches[0]
    return replace(first, low=min(b.low for b in branches), high=max(b.high for b in branches))


def _computed(model: ModelWrapper, tensor: str, producer: NodeProto | None, reader: NodeProto) -> list[Part] | None:
    """What arithmetic makes, whose result goes into `reader`, a sum or a product."""
    if producer is None:
        raise unsupported(
            model,
            reader,
            f"the network's input {tensor} is {_KINDS[_kind(model, reader)][0]} without a quantizer",
            "quantize the image first (Brevitas QuantIdentity, 8 bits)",
        )
    if meets(model, producer):
        return None
    found = None if is_product(model, reader) else _of_products(model, producer, reader)
    if found is None and producer.op_type in ("Mul", "Div"):
        found = _scaled(model, producer, reader)
    if found is None:
        raise _not_quantized(model, producer, reader)
    channels = int(model.get_tensor_shape(tensor)[1])
    return [Part(channels, np.array([found.scale]), found.low, found.high, found.name)]


def _not_quantized(model: ModelWrapper, producer: NodeProto, reader: NodeProto) -> UserError:
    meeting = _KINDS[_kind(model, reader)][2]
    return unsupported(
        model,
        producer,
        f"its result goes into the {meeting} {layer_of(model, reader)} without a quantizer",
        f"put a quantizer (QuantIdentity, or QuantReLU) behind it, before the {meeting}",
    )


def _scaled(model: ModelWrapper, node: NodeProto, reader: NodeProto) -> Branch | None:
    """A branch times a constant above zero."""
    constant = model.get_initializer(node.input[1])
    factor = np.unique(np.asarray(0 if constant is None else constant, np.float64))
    read = find_branch(model, node.input[0], reader) if factor.size == 1 and factor[0] > 0 else None
    if read is None:
        return None
    return replace(read, scale=float(read.scale * factor[0] if node.op_type == "Mul" else read.scale / factor[0]))


def _of_products(model: ModelWrapper, node: NodeProto, reader: NodeProto) -> Branch | None:
    """What a convolution adds up: the integers that its weights can make of those that it reads. None where it has a bias, a
    weight scale for each channel, or is none."""
    if node.op_type not in products() or any(node.input[2:]):
        return None
    quantizer = model.find_producer(node.input[1])
    if quantizer is None:  # integers, once FINN has folded them
        if not model.get_tensor_datatype(node.input[1]).is_integer():
            return None
        weights, scale = np.asarray(model.get_initializer(node.input[1]), np.float64), np.ones(1)
    elif is_constant_quantizer(model, quantizer):
        weights = integer_weights(model, quantizer)
        scale = np.unique(np.asarray(model.get_initializer(quantizer.input[1]), np.float64))
    parts = parts_of(model, node.input[0], lambda name, producer: _computed(model, name, producer, reader))
    if parts is None or scale.size > 1:
        return None
    weights = np.moveaxis(weights, 0 if node.op_type == "Conv" else 1, -1)  # (in, out, h, w) if transposed
    found = whole_multiples(np.concatenate([np.broadcast_to(part.scale, part.channels) for part in parts]))
    if found is None:
        return None
    measure, multiples = found
    if np.unique(multiples).size > 1:
        if len(multiples) != len(weights):
            return None
        weights = weights * multiples.reshape(-1, 1, 1, 1)
    name = dict.fromkeys(part.name for part in parts)
    read = Branch(measure, min(part.low for part in parts), max(part.high for part in parts), ", ".join(name))
    datatype = read.datatype()  # padding adds zeros, which it holds
    low, high = int(datatype.min()), int(datatype.max())
    axes = tuple(range(weights.ndim - 1))
    least = np.minimum(weights * low, weights * high).sum(axis=axes).min()
    most = np.maximum(weights * low, weights * high).sum(axis=axes).max()
    return replace(read, scale=float(measure * scale[0]), low=int(min(least, 0)), high=int(max(most, 0)))


def whole_multiples(scales: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]] | None:
    """The common measure of `scales` and how many times each has it; None where they have none, or weights cannot take the
    multiples up."""
    values, places = np.unique(np.ravel(scales).astype(np.float64), return_inverse=True)
    found = common_measure([float(value) for value in values], MAX_SCALE_MULTIPLE) if np.all(values) else None
    return None if found is None else (found[0], np.array(found[1], np.float64)[places])


def integer_weights(model: ModelWrapper, quantizer: NodeProto) -> np.ndarray:
    """The integers of a quantizer of weights, as whole float64."""
    if quantizer.op_type == "BipolarQuant":
        return np.where(model.get_initializer(quantizer.input[0]) >= 0, 1.0, -1.0)
    return np.round(
        quantized_constant(model, quantizer) / np.asarray(model.get_initializer(quantizer.input[1]), np.float64)
    )


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


def _reach(branches: Sequence[Branch], factors: Sequence[int]) -> tuple[int, int]:
    ends = [sorted((f * b.low, f * b.high)) for b, f in zip(branches, factors, strict=True)]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def reach(branches: Sequence[Branch], factors: Sequence[int]) -> tuple[int, int]:
    """The least and the largest sum of elements of `branches`, each times its factor."""
    ends = [sorted((f * b.low, f * b.high)) for b, f in zip(branches, factors, strict=True)]
    return sum(low for low, _ in ends), sum(high for _, high in ends)
