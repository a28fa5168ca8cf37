# SPDX-License-Identifier: BSD-3-Clause
"""A convolution of joined branches becomes a sum of convolutions where their scales have no common measure.

What a convolution makes of a Concat is the sum of what it makes of each branch with the weights of that branch's channels.
Branches whose scales have a common measure stay joined, and their weights take up the multiples; each other group gets a
convolution of its own, of integers times one scale. How the sum becomes integers is for `network.sums`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, merge_equal_nodes, new_tensor, remove_unread
from hw_flows.layer_names import layer_name, set_layer
from hw_flows.network.arithmetic import constant_value
from hw_flows.network.branches import MAX_SCALE_MULTIPLE, find_branch, integer_weights
from hw_flows.network.declared import averages
from hw_flows.network.normal_form.chain import (
    QUANTIZERS,
    chain_before,
    data_inputs,
    is_constant_quantizer,
    is_elementwise,
    passing,
)
from hw_flows.operators.front_end import Unsupported
from hw_flows.operators.shared.measure import common_measure

_CONVOLUTIONS = ("Conv", "ConvTranspose")
#: The integers of weights: what the multiples of a common measure may make of them.
_LEAST_WEIGHT, _MOST_WEIGHT = -128, 127


def split_branches(model: ModelWrapper) -> None:
    """Changes `model`, in normal form but for this, in place. Convolutions whose results are not quantized stay as they are."""
    for conv in [node for node in model.graph.node if node.op_type in _CONVOLUTIONS]:
        quantizer = model.find_producer(conv.input[1])
        if quantizer is None or not is_constant_quantizer(model, quantizer) or attributes_of(conv).get("group", 1) != 1:
            continue
        joined = list(_joined(model, conv.input[0]))
        shapes = [model.get_tensor_shape(name) for name in (*(name for name, _ in joined), conv.output[0])]
        if any(shape is None or len(shape) != 4 for shape in shapes):
            continue  # refused by itself
        scales = [_scale(model, name, conv) for name, _ in joined]
        known = [scale for scale in scales if scale is not None]
        if len(joined) < 2 or len(known) < len(scales) or not _scale_for_result(model, conv, quantizer):
            continue
        signs = _signs(model, conv)
        if signs is None:
            continue
        weights = integer_weights(model, quantizer)
        channels = [model.get_tensor_shape(name)[1] for name, _ in joined]
        ends = np.cumsum([0, *channels])
        if weights.shape[_input_axis(conv)] != ends[-1]:
            continue
        slices = [np.arange(low, high) for low, high in pairwise(ends)]
        groups = _groups(known, [np.take(weights, part, _input_axis(conv)) for part in slices])
        if len(groups) > 1:
            _split(model, conv, quantizer, joined, slices, groups, signs)
    merge_equal_nodes(model)
    remove_unread(model)


def _joined(model: ModelWrapper, tensor: str) -> Iterator[tuple[str, list[NodeProto]]]:
    """The branches that `tensor` is joined of, in the order of their channels, each with what it passes behind the Concat."""
    producer = model.find_producer(tensor)
    kind = None if producer is None else passing(producer)
    if (
        producer is None
        or (kind is None and producer.op_type not in averages())
        or (kind is not None and kind.channels is not None)
    ):
        yield tensor, []
    elif kind is not None and kind.joins:
        for name in data_inputs(producer):
            yield from _joined(model, name)
    else:
        branches = list(_joined(model, producer.input[0]))
        if len(branches) == 1:
            yield tensor, []
        for name, passed in branches if len(branches) > 1 else []:
            yield name, [*passed, producer]


def _scale(model: ModelWrapper, tensor: str, conv: NodeProto) -> float | None:
    try:
        branch = find_branch(model, tensor, conv)
    except Unsupported:  # refused by itself
        return None
    return None if branch is None else branch.scale


def _input_axis(conv: NodeProto) -> int:
    return 1 if conv.op_type == "Conv" else 0


def _scale_for_result(model: ModelWrapper, conv: NodeProto, quantizer: NodeProto) -> bool:
    """Whether the weights have one scale, or one for each channel that they make."""
    scale = model.get_initializer(quantizer.input[1])
    weights = model.get_tensor_shape(conv.input[1])
    wanted = [1] * len(weights)
    wanted[1 - _input_axis(conv)] = weights[1 - _input_axis(conv)]
    return scale.size == 1 or list(scale.shape) == wanted


def _signs(model: ModelWrapper, conv: NodeProto) -> np.ndarray | None:
    """For each channel that `conv` makes, the sign that what follows multiplies it with (1 or all); None where something
    else than quantizers reads it."""
    found, tensors = None, [conv.output[0]]
    while tensors:
        tensor = tensors.pop()
        readers = model.find_consumers(tensor) or []
        if not readers or tensor in {o.name for o in model.graph.output}:
            return None
        for reader in readers:
            if reader.op_type in QUANTIZERS:
                chain = chain_before(model, reader)
                if chain.source != conv.output[0]:
                    return None
                signs = np.where(chain.falling_channels(model), -1.0, 1.0)
                found = signs if found is None else found
            elif is_elementwise(model, reader):
                tensors.append(reader.output[0])
            else:
                return None
    return found


def _groups(scales: list[float], weights: list[np.ndarray]) -> list[list[int]]:
    """Places of branches whose scales have a common measure, of which the weights (integers) can take up the multiples."""
    groups: list[list[int]] = []
    for place in range(len(scales)):
        for group in groups:
            together = [*group, place]
            found = common_measure([scales[p] for p in together], MAX_SCALE_MULTIPLE)
            if found is not None and all(
                multiple * weights[p].min() >= _LEAST_WEIGHT and multiple * weights[p].max() <= _MOST_WEIGHT
                for p, multiple in zip(together, found[1], strict=True)
            ):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _split(
    model: ModelWrapper,
    conv: NodeProto,
    quantizer: NodeProto,
    joined: list[tuple[str, list[NodeProto]]],
    slices: list[np.ndarray],
    groups: list[list[int]],
    signs: np.ndarray,
) -> None:
    """Put a sum of convolutions, times the scale of the weights, plus the bias, in the place of `conv`."""
    result, shape = conv.output[0], model.get_tensor_shape(conv.output[0])
    axis, layer = _input_axis(conv), layer_name(conv)
    new: list[NodeProto] = []

    def add(
        op_type: str, inputs: list[str], output: str = "", shape_of: list[int] = shape, **attributes: object
    ) -> str:
        node = helper.make_node(op_type, inputs, [output or new_tensor(model, shape_of)], **attributes)
        set_layer(node, layer)
        new.append(node)
        return str(node.output[0])

    def constant(value: np.ndarray) -> str:
        name = str(model.make_new_valueinfo_name())
        single = np.float32(value)
        model.set_initializer(name, single if np.array_equal(single, value) else np.asarray(value, np.float64))
        return name

    flips = np.broadcast_to(signs, shape[1]) if signs.size > 1 or signs[0] < 0 else None
    integers = integer_weights(model, quantizer)
    if flips is not None:
        integers = integers * flips.reshape((-1, 1, 1, 1) if axis == 1 else (1, -1, 1, 1))
    sums = []
    for group in groups:
        names = [_passed(model, *joined[place], new) for place in group]
        tensor = names[0]
        if len(names) > 1:
            whole = list(model.get_tensor_shape(names[0]))
            whole[1] = sum(len(slices[place]) for place in group)
            tensor = add("Concat", names, shape_of=whole, axis=1)
        own = NodeProto()
        own.CopyFrom(quantizer)
        chosen = np.concatenate([slices[place] for place in group])
        own.input[0], own.input[1] = constant(np.take(integers, chosen, axis)), constant(np.ones(()))
        own.output[0] = new_tensor(model, list(model.get_initializer(own.input[0]).shape))
        part = NodeProto()
        part.CopyFrom(conv)
        part.input[:] = [tensor, own.output[0]]
        part.output[0] = new_tensor(model, shape)
        new += [own, part]
        sums.append(part.output[0])
    total = sums[0]
    for term in sums[1:]:
        total = add("Add", [total, term])
    scale = np.asarray(model.get_initializer(quantizer.input[1]), np.float64)
    if flips is not None or scale.size > 1:
        scale = np.broadcast_to(scale.ravel(), shape[1]).reshape(1, -1, 1, 1) * (
            1 if flips is None else flips.reshape(1, -1, 1, 1)
        )
    else:
        scale = scale.reshape(())
    bias = _bias(model, conv)
    total = add("Mul", [total, constant(scale)], "" if bias is not None else result)
    if bias is not None:
        add("Add", [total, constant(bias.reshape(1, -1, 1, 1))], result)
    place = list(model.graph.node).index(conv)
    model.graph.node.remove(conv)
    for offset, node in enumerate(new):
        model.graph.node.insert(place + offset, node)


def _passed(model: ModelWrapper, tensor: str, passed: list[NodeProto], new: list[NodeProto]) -> str:
    """What becomes of `tensor` behind copies of the nodes `passed`, which go to `new`."""
    for node in passed:
        copy = NodeProto()
        copy.CopyFrom(node)
        shape = list(model.get_tensor_shape(node.output[0]))
        shape[1] = model.get_tensor_shape(tensor)[1]
        copy.input[0], copy.output[0] = tensor, new_tensor(model, shape)
        for index, name in enumerate(node.input[1:], start=1):
            sizes = model.get_initializer(name) if name else None
            if sizes is not None and np.array_equal(sizes, model.get_tensor_shape(node.output[0])):  # of a Resize
                copy.input[index] = str(model.make_new_valueinfo_name())
                model.set_initializer(copy.input[index], np.array(shape, sizes.dtype))
        new.append(copy)
        tensor = str(copy.output[0])
    return tensor


def _bias(model: ModelWrapper, conv: NodeProto) -> np.ndarray | None:
    """In float64, quantized if the network does."""
    if len(conv.input) < 3 or not conv.input[2]:
        return None
    return np.asarray(constant_value(model, conv.input[2]), np.float64)
