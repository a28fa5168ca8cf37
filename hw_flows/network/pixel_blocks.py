# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle and space to depth as exporters write them: Reshape, Transpose, Reshape; or strided slices that are joined.

Both become ONNX' DepthToSpace and SpaceToDepth, with an attribute `mode` that says where a pixel of a block of r x r lies
among the channels: "DCR": channel = (dy * r + dx) * C + c; "CRD", as PyTorch has it: channel = (c * r + dy) * r + dx.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, own_weights
from hw_flows.network.channel_order import permute_readers
from hw_flows.operators.shared.blocks import depth_to_space
from hw_flows.operators.shared.bounds import Bounds, bounds_of

_IMAGE = 4  # axes
_MODES = ("DCR", "CRD")
#: Larger tensors are not looked at: the order is tried on an index for each element.
_MOST_ELEMENTS = 2**24


def find_pixel_blocks(model: ModelWrapper) -> None:
    """Name what exporters have written out. Changes `model`, whose shapes are known, in place."""
    for node in list(model.graph.node):
        if node.op_type == "Reshape":
            _name_reshapes(model, node)
    own_weights(model)
    for node in list(model.graph.node):
        if node.op_type == "Concat":
            _join_strided_slices(model, node)


def _name_reshapes(model: ModelWrapper, first: Any) -> None:
    """A chain of Reshape and Transpose from an image to an image becomes one node, where it is one."""
    shape = model.get_tensor_shape(first.input[0])
    if shape is None or len(shape) != _IMAGE or not 0 < np.prod(shape) <= _MOST_ELEMENTS:
        return
    index = np.arange(np.prod(shape)).reshape(shape)
    chain, moved = [first], index.reshape(model.get_tensor_shape(first.output[0]))
    while moved.ndim != _IMAGE:
        readers = model.find_consumers(chain[-1].output[0])
        if len(readers) != 1 or readers[0].op_type not in ("Reshape", "Transpose"):
            return
        chain.append(readers[0])
        if readers[0].op_type == "Reshape":
            moved = moved.reshape(model.get_tensor_shape(readers[0].output[0]))
        else:
            moved = moved.transpose(attributes_of(readers[0]).get("perm"))
    found = _recognize(index, moved)
    if found is not None:
        op_type, block, mode = found
        attributes = {"name": first.name, "blocksize": block, "mode": mode}
        _replace(model, chain, helper.make_node(op_type, first.input[:1], chain[-1].output[:1], **attributes))


def _recognize(before: np.ndarray, after: np.ndarray) -> tuple[str, int, str] | None:
    """(operator, block, mode) that makes one of the other, which hold the same numbers in another order."""
    grows = after.shape[2] > before.shape[2]
    large, small = (after, before) if grows else (before, after)
    block = large.shape[2] // max(1, small.shape[2])
    if block < 2 or large.shape[2:] != (block * small.shape[2], block * small.shape[3]):
        return None
    if small.shape[1] != large.shape[1] * block**2:
        return None
    for mode in _MODES:
        if np.array_equal(depth_to_space(small, block, mode), large):
            return ("DepthToSpace" if grows else "SpaceToDepth"), block, mode
    return None


def _replace(model: ModelWrapper, chain: list[Any], node: Any) -> None:
    position = list(model.graph.node).index(chain[0])
    model.graph.node.insert(position, node)
    for old in chain:
        model.graph.node.remove(old)


def _join_strided_slices(model: ModelWrapper, concat: Any) -> None:
    """x[..., ::2, ::2], x[..., 1::2, ::2] and so on, joined in any order (the Focus of YOLOv5)."""
    slices = [model.find_producer(name) for name in concat.input]
    if attributes_of(concat)["axis"] not in (1, 1 - _IMAGE) or any(s is None or s.op_type != "Slice" for s in slices):
        return
    sources, kept = {s.input[0] for s in slices}, [bounds_of(model, s) for s in slices]
    shape = model.get_tensor_shape(slices[0].input[0])
    block = round(len(slices) ** 0.5)
    if len(sources) != 1 or None in kept or len(shape) != _IMAGE or block < 2 or block**2 != len(slices):
        return
    places = [_place(k, shape, block) for k in kept if k is not None]
    if None in places or len(set(places)) != len(slices):
        return
    channels = shape[1]
    order = np.empty(block**2 * channels, np.int64)  # of the channels as SpaceToDepth has them
    for position, place in enumerate(places):
        assert place is not None
        order[place * channels : (place + 1) * channels] = position * channels + np.arange(channels)
    if not permute_readers(model, concat.output[0], order):
        return
    result = concat.output[0]
    position = list(model.graph.node).index(concat)
    node = helper.make_node(
        "SpaceToDepth", [slices[0].input[0]], [result], name=concat.name, blocksize=block, mode="DCR"
    )
    model.graph.node.insert(position, node)
    model.graph.node.remove(concat)


def _place(kept: Bounds, shape: list[int], block: int) -> int | None:
    """dy * block + dx of every block's pixel that is kept."""
    channels, rows, columns = kept.ranges[1:]
    whole = channels == range(shape[1]) and all(size % block == 0 for size in shape[2:])
    dy, dx = rows.start, columns.start
    if not whole or dy >= block or dx >= block:
        return None
    if rows != range(dy, shape[2], block) or columns != range(dx, shape[3], block):
        return None
    return dy * block + dx
