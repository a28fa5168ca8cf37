# SPDX-License-Identifier: BSD-3-Clause
"""The elementwise operators between a quantizer and what it quantizes: together they are one function of one integer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import new_tensor
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Passing

AFFINE = ("BatchNormalization", "Mul", "Add", "Sub", "Div")
ELEMENTWISE = (*AFFINE, "Relu")
QUANTIZERS = ("Quant", "BipolarQuant")


@dataclass(frozen=True)
class Chain:
    """`nodes` in order, each reading the one before it alone besides constants for each channel; the last is the
    quantizer, the first reads `source`."""

    source: str
    nodes: tuple[NodeProto, ...]

    def falling_channels(self, model: ModelWrapper) -> np.ndarray:
        """For each channel (or one for all): does the result fall where the source rises?"""
        falling = np.zeros(1, bool)
        for node in self.nodes:
            factor = None
            if node.op_type == "BatchNormalization" or (node.op_type in ("Mul", "Div") and len(node.input) > 1):
                factor = model.get_initializer(node.input[1])
            if factor is not None:
                falling = falling ^ (np.ravel(factor) < 0)
        return falling

    def copy_onto(self, model: ModelWrapper, source: str, channels: slice) -> tuple[list[NodeProto], str]:
        """The same operators on another tensor, which holds `channels` of the source; their nodes and their result."""
        shape = model.get_tensor_shape(source)
        count = model.get_tensor_shape(self.source)[1]
        copies = []
        for node in self.nodes:
            copy = NodeProto()
            copy.CopyFrom(node)
            constants = [_of_channels(model, name, channels, count) for name in node.input[1:]]
            copy.input[:] = [source, *constants]
            copy.output[:] = [new_tensor(model, shape)]
            source = copy.output[0]
            copies.append(copy)
        return copies, source


def chain_before(model: ModelWrapper, quantizer: NodeProto) -> Chain:
    """The longest chain that ends in `quantizer`."""
    nodes = [quantizer]
    while (node := model.find_producer(nodes[0].input[0])) is not None and is_elementwise(model, node):
        nodes.insert(0, node)
    return Chain(nodes[0].input[0], tuple(nodes))


def is_elementwise(model: ModelWrapper, node: NodeProto) -> bool:
    """A function of each value alone, the same within a channel of (1, C, H, W)."""
    shape = model.get_tensor_shape(node.input[0])
    if node.op_type not in ELEMENTWISE or shape is None or len(shape) != 4:
        return False
    constants = [model.get_initializer(name) for name in node.input[1:]]
    if node.op_type == "BatchNormalization":
        return all(c is not None for c in constants)
    return all(c is not None and is_channelwise(c, shape[1]) for c in constants)


def is_channelwise(constant: np.ndarray, channels: int) -> bool:
    """One value, or one for each channel of (1, C, H, W)."""
    return constant.size == 1 or (1,) * (4 - constant.ndim) + constant.shape == (1, channels, 1, 1)


def is_activation_quantizer(model: ModelWrapper, node: NodeProto) -> bool:
    """A quantizer of activations; the other ones quantize constants."""
    return node.op_type in QUANTIZERS and model.get_initializer(node.input[0]) is None


def is_constant_quantizer(model: ModelWrapper, node: NodeProto) -> bool:
    """A quantizer of constants: weights, or a bias."""
    return node.op_type in QUANTIZERS and model.get_initializer(node.input[0]) is not None


def passing(node: NodeProto) -> Passing | None:
    """What `node` does to values if it only passes on, chooses or repeats them; None if it computes some."""
    if node.op_type == "Identity":
        return Passing(lambda model, node, falls: True)
    found = (front_end.passing.get(node.op_type) for front_end in front_ends())
    return next((kind for kind in found if kind is not None), None)


def is_quantized(model: ModelWrapper, tensor: str) -> bool:
    """Going back from `tensor`, a quantizer comes before any arithmetic on every way."""
    producer = model.find_producer(tensor)
    if producer is None:
        return bool(model.get_tensor_datatype(tensor).is_integer())
    if passing(producer) is not None:
        return all(is_quantized(model, name) for name in data_inputs(producer))
    return producer.op_type in QUANTIZERS


def data_inputs(node: NodeProto) -> list[str]:
    """The activations that a `passing` node reads; the sizes of a Resize are none."""
    kind = passing(node)
    return list(node.input) if kind is not None and kind.joins else list(node.input[:1])


def _of_channels(model: ModelWrapper, name: str, channels: slice, count: int) -> str:
    """A constant for some of `count` channels: the same where there is one value for all."""
    value = model.get_initializer(name)
    if value is None or value.size != count or count == 1 or channels == slice(0, count):
        return name
    part = np.ravel(value)[channels]
    new = str(model.make_new_valueinfo_name())
    model.set_initializer(new, part.reshape([-1 if size == count else 1 for size in value.shape]))
    return new
