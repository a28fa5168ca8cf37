# SPDX-License-Identifier: BSD-3-Clause
"""The elementwise operators between a quantizer and what it quantizes: together they are one function of one integer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import new_tensor
from hw_flows.network.arithmetic import compute
from hw_flows.network.declared import products
from hw_flows.network.functions import FUNCTIONS, JOINS
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Passing

AFFINE = ("BatchNormalization", "Mul", "Add", "Sub", "Div")
QUANTIZERS = ("Quant", "BipolarQuant")


@dataclass(frozen=True)
class Chain:
    """`nodes` in order, each reading `source`, results of nodes before it, or constants for each channel. Together they are
    one function of each value of `source`, the same within a channel; the last is the quantizer."""

    source: str
    nodes: tuple[NodeProto, ...]

    def split(self, model: ModelWrapper) -> tuple[tuple[NodeProto, ...], Chain]:
        """The scales, biases and ReLUs at the beginning, which streamlining moves into thresholds, and the rest, which
        begins with another function or is the quantizer alone. Factors below zero are of the rest, but where weights before
        them, or the host, can take them up."""
        before = model.find_producer(self.source)
        if before is not None and before.op_type not in products() and self.falling_channels(model).any():
            return (), self
        return self._split(model)

    def falling_channels(self, model: ModelWrapper) -> np.ndarray:
        """For each channel (or one for all): is the result of the scales at the beginning falling?"""
        falling = np.zeros(1, bool)
        for node in self._split(model)[0]:
            factor = None
            if node.op_type == "BatchNormalization" or (node.op_type in ("Mul", "Div") and len(node.input) > 1):
                factor = model.get_initializer(node.input[1])
            if factor is not None:
                falling = falling ^ (np.ravel(factor) < 0)
        return falling

    def _split(self, model: ModelWrapper) -> tuple[tuple[NodeProto, ...], Chain]:
        source, nodes = self.source, self.nodes
        while len(nodes) > 1 and not _more_than_affine(model, nodes[0]):
            if sum(list(node.input).count(source) for node in nodes) > 1:
                break
            source, nodes = nodes[0].output[0], nodes[1:]
        return self.nodes[: len(self.nodes) - len(nodes)], Chain(source, nodes)

    def keeps_zero(self, model: ModelWrapper) -> bool:
        """Whether it gives 0 for 0 in every channel."""
        zeros = np.zeros((1, model.get_tensor_shape(self.source)[1], 1, 1))
        result = computed(model, self.source, self.nodes, zeros)
        return result is not None and not np.any(result)

    def copy_onto(self, model: ModelWrapper, source: str, channels: np.ndarray) -> tuple[list[NodeProto], str]:
        """The same operators on another tensor, channel i of which is channel `channels[i]` of the source; their nodes and
        their result."""
        shape = model.get_tensor_shape(source)
        count = model.get_tensor_shape(self.source)[1]
        new = {self.source: source}
        copies = []
        for node in self.nodes:
            copy = NodeProto()
            copy.CopyFrom(node)
            copy.input[:] = [new.get(name) or _of_channels(model, name, channels, count) for name in node.input]
            copy.output[:] = [new_tensor(model, shape)]
            new[node.output[0]] = copy.output[0]
            copies.append(copy)
        return copies, copies[-1].output[0]


def computed(model: ModelWrapper, source: str, nodes: Sequence[NodeProto], value: np.ndarray) -> np.ndarray | None:
    """What `nodes`, in order, make of `value` in the place of `source`, in float64; None where `arithmetic` has one not."""
    values, result = {source: value}, value
    for node in nodes:
        inputs = [None if not n else values[n] if n in values else model.get_initializer(n) for n in node.input]
        found = compute(node, inputs)
        if found is None:
            return None
        values[node.output[0]] = result = found
    return result


def chain_before(model: ModelWrapper, quantizer: NodeProto) -> Chain:
    """The longest chain that ends in `quantizer`."""
    nodes = [quantizer]
    chain = Chain(quantizer.input[0], (quantizer,))
    for node, read in _elementwise_before(model, {quantizer.input[0]}):
        nodes.insert(0, node)
        # until then two functions of one activation, or activations of which only one is elementwise
        if len(read) == 1:
            chain = Chain(next(iter(read)), tuple(nodes))
    return chain


def is_function_of_one(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether the activations that `node` reads are functions of one activation, value by value."""
    start = set(activations(model, node))
    return len(start) == 1 or any(len(read) == 1 for _, read in _elementwise_before(model, start))


def _elementwise_before(model: ModelWrapper, read: set[str]) -> Iterator[tuple[NodeProto, set[str]]]:
    """Elementwise operators that the tensors `read` are made by, the last first, each with what is read from there on."""
    position = {name: index for index, node in enumerate(model.graph.node) for name in node.output}
    while True:
        latest = max(read, key=lambda name: position.get(name, -1))
        if latest not in position or not is_elementwise(model, node := model.graph.node[position[latest]]):
            return
        read = (read - {latest}) | set(activations(model, node))
        yield node, read


def is_absorbed(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether all that reads the result of `node` are quantizers, each with a chain before it that `node` is part of."""
    readers = model.find_consumers(node.output[0]) or []
    for reader in readers:
        if is_activation_quantizer(model, reader):
            if all(node.output[0] not in other.output for other in chain_before(model, reader).nodes):
                return False
        elif not is_elementwise(model, reader) or not is_absorbed(model, reader):
            return False
    return bool(readers)


def is_elementwise(model: ModelWrapper, node: NodeProto) -> bool:
    """A function of each value alone, the same within a channel of (1, C, H, W); or of two values in the same place."""
    shape = model.get_tensor_shape(node.input[0]) if node.input else None
    if shape is None or len(shape) != 4 or not (node.op_type in ("Relu", *AFFINE) or is_function(node)):
        return False
    read = activations(model, node)
    if not read or any(model.get_tensor_shape(name) != shape for name in read):
        return False
    if read != [node.input[0]] and node.op_type not in JOINS:
        return False
    constants = [model.get_initializer(name) for name in node.input if name and name not in read]
    return node.op_type == "BatchNormalization" or all(is_channelwise(c, shape[1]) for c in constants)


def is_function(node: NodeProto) -> bool:
    """Whether it is a function of activations, or a step of one, that only thresholds and tables stand for."""
    return node.op_type in FUNCTIONS and not any(node.op_type in front_end.checks for front_end in front_ends())


def _more_than_affine(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether it is more than a scale, a bias or a ReLU."""
    return is_function(node) or len(activations(model, node)) > 1


def activations(model: ModelWrapper, node: NodeProto) -> list[str]:
    """The inputs that are no constants."""
    return [name for name in node.input if name and model.get_initializer(name) is None]


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


def _of_channels(model: ModelWrapper, name: str, channels: np.ndarray, count: int) -> str:
    """A constant for some of `count` channels: the same where there is one value for all."""
    value = model.get_initializer(name)
    if value is None or value.size != count or count == 1 or np.array_equal(channels, np.arange(count)):
        return name
    part = np.ravel(value)[channels]
    new = str(model.make_new_valueinfo_name())
    model.set_initializer(new, part.reshape([-1 if size == count else 1 for size in value.shape]))
    return new
