# SPDX-License-Identifier: BSD-3-Clause
"""The order of an image's channels, changed in the weights of the convolutions before or behind it, at no cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.network.normal_form.chain import activations, is_elementwise, passing
from hw_flows.operators.shared.blocks import block_channels

_Changes = list[Callable[[], None]]
#: Exchange channels and pixels.
_BLOCKS = ("DepthToSpace", "SpaceToDepth")
#: Constants that quantizers and elementwise operators have behind their first input.
_QUANTIZER = "Quant"


def hardware_order(model: ModelWrapper) -> None:
    """Pixels of a block come before channels ("DCR", see `pixel_blocks`), as in the hardware's streams, wherever convolutions
    can give or take them so. Changes `model` in place; others stay as they are."""
    for node in list(model.graph.node):
        mode = attributes_of(node).get("mode", b"DCR") if node.op_type in _BLOCKS else b"DCR"
        if mode == b"DCR":
            continue
        shrinks = node.op_type == "DepthToSpace"
        tensor = node.input[0] if shrinks else node.output[0]
        block = int(attributes_of(node)["blocksize"])
        order = block_channels(model.get_tensor_shape(tensor)[1] // block**2, block)
        if permute_producer(model, tensor, order) if shrinks else permute_readers(model, tensor, order):
            set_attributes(node, mode="DCR")


def permute_producer(model: ModelWrapper, tensor: str, order: np.ndarray) -> bool:
    """Channel i of `tensor` becomes what channel `order[i]` was. False, and nothing is changed, where others read it too or
    no convolution makes it."""
    changes: _Changes = []
    while True:
        node = model.find_producer(tensor)
        if node is None or len(model.find_consumers(tensor)) != 1 or tensor in _outputs(model):
            return False
        if node.op_type in ("Conv", "ConvTranspose"):
            if attributes_of(node).get("group", 1) != 1:
                return False
            changes += _of_convolution(model, node, order)
            break
        if not _keeps_channels(model, node):
            return False
        changes.append(_constants(model, node, order))
        tensor = node.input[0]
    for change in changes:
        change()
    return True


def permute_readers(model: ModelWrapper, tensor: str, order: np.ndarray) -> bool:
    """Those who read `tensor` take channel i for what channel `order[i]` was. False, and nothing is changed, where not all of
    them end in convolutions."""
    changes: _Changes = []
    if not _readers(model, tensor, order, changes):
        return False
    for change in changes:
        change()
    return True


def _readers(model: ModelWrapper, tensor: str, order: np.ndarray, changes: _Changes) -> bool:
    if tensor in _outputs(model):
        return False
    for node in model.find_consumers(tensor) or []:
        if node.op_type == "Conv" and attributes_of(node).get("group", 1) == 1 and node.input[0] == tensor:
            changes.append(_weights(model, node, order, 1))
        elif node.op_type == "ConvTranspose" and attributes_of(node).get("group", 1) == 1 and node.input[0] == tensor:
            changes.append(_weights(model, node, order, 0))
        elif node.op_type == "Concat" and list(node.input).count(tensor) == 1:
            channels = [model.get_tensor_shape(name)[1] for name in node.input]
            first = sum(channels[: list(node.input).index(tensor)])
            joined = np.arange(sum(channels))
            joined[first : first + len(order)] = first + order
            if attributes_of(node)["axis"] not in (1, -3) or not _readers(model, node.output[0], joined, changes):
                return False
        elif _keeps_channels(model, node) and node.input[0] == tensor:
            changes.append(_constants(model, node, order))
            if not _readers(model, node.output[0], order, changes):
                return False
        else:
            return False
    return True


def _keeps_channels(model: ModelWrapper, node: Any) -> bool:
    """Each channel of its result comes from the same of what it reads, besides constants."""
    if node.op_type == _QUANTIZER:
        return all(model.get_initializer(name) is not None for name in node.input[1:])
    kind = passing(node)
    if kind is not None:
        return not kind.joins and node.op_type not in _BLOCKS
    return is_elementwise(model, node) and len(activations(model, node)) == 1


def _constants(model: ModelWrapper, node: Any, order: np.ndarray) -> Callable[[], None]:
    """Reorder constants that have a value for each channel."""

    def change() -> None:
        for place in range(1, len(node.input) if passing(node) is None else 1):
            _reorder(model, node, place, order)

    return change


def _of_convolution(model: ModelWrapper, conv: Any, order: np.ndarray) -> Iterator[Callable[[], None]]:
    """Weights, their scales and biases by output channel."""
    yield _weights(model, conv, order, 0 if conv.op_type == "Conv" else 1)
    for place in range(1, len(conv.input)):
        quantizer = model.find_producer(conv.input[place])
        if quantizer is not None:
            for constant in range(1 if place == 1 else 0, len(quantizer.input)):
                yield lambda q=quantizer, c=constant: _reorder(model, q, c, order)  # type: ignore[misc]
        elif place > 1:
            yield lambda p=place: _reorder(model, conv, p, order)  # type: ignore[misc]


def _weights(model: ModelWrapper, conv: Any, order: np.ndarray, axis: int) -> Callable[[], None]:
    """Reorder the weights along one axis, before their quantizer where they have one."""

    def change() -> None:
        quantizer = model.find_producer(conv.input[1])
        holder, place = (conv, 1) if quantizer is None else (quantizer, 0)
        _set(model, holder, place, np.take(model.get_initializer(holder.input[place]), order, axis))

    return change


def _reorder(model: ModelWrapper, node: Any, place: int, order: np.ndarray) -> None:
    value = model.get_initializer(node.input[place])
    if value is not None and value.size == len(order) > 1:
        _set(model, node, place, np.ravel(value)[order].reshape(value.shape))


def _set(model: ModelWrapper, node: Any, place: int, value: np.ndarray) -> None:
    node.input[place] = str(model.make_new_valueinfo_name())
    model.set_initializer(node.input[place], value)


def _outputs(model: ModelWrapper) -> set[str]:
    return {o.name for o in model.graph.output}
