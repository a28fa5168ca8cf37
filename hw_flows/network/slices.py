# SPDX-License-Identifier: BSD-3-Clause
"""Crops as exporters write them: one Slice an axis, one after the other, or a Pad by less than nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, new_tensor
from hw_flows.operators.shared.borders import pad_border
from hw_flows.operators.shared.bounds import Bounds, bounds_of


def one_slice_each(model: ModelWrapper) -> None:
    """Every Slice of an image by constants reads what is no such Slice and says all of its bounds; Pads add pixels and take
    none; rows and columns that a max-pool leaves out are cropped before it. Changes `model`, whose shapes are known, in place."""
    for node in list(model.graph.node):
        if node.op_type == "Pad":
            _crop_before(model, node)
        if node.op_type == "MaxPool":
            _crop_to_whole_windows(model, node)
    for node in list(model.graph.node):
        if node.op_type == "Slice" and (kept := bounds_of(model, node)) is not None:
            before = model.find_producer(node.input[0])
            if before is not None and before.op_type == "Slice" and (outer := bounds_of(model, before)) is not None:
                kept = kept.within(outer)
                node.input[0] = before.input[0]
            _set_bounds(model, node, kept)


def slice_node(model: ModelWrapper, source: str, result: str, ranges: Sequence[range], name: str) -> Any:
    """A Slice of `source` (N, C, H, W) that keeps `ranges` of its axes."""
    node = helper.make_node("Slice", [source], [result], name=name)
    _set_bounds(model, node, Bounds(tuple(ranges)))
    return node


def _set_bounds(model: ModelWrapper, node: Any, kept: Bounds) -> None:
    columns = ([r.start, r.stop, axis, r.step] for axis, r in enumerate(kept.ranges))
    del node.attribute[:], node.input[1:]
    for numbers in zip(*columns, strict=True):
        name = str(model.make_new_valueinfo_name())
        model.set_initializer(name, np.array(numbers, np.int64))
        node.input.append(name)


def _crop_before(model: ModelWrapper, pad: Any) -> None:
    """What a Pad takes away (a border below 0), a Slice takes away before it."""
    border = pad_border(model, pad)
    if border is None or not (border < 0).any() or attributes_of(pad).get("mode", b"constant") != b"constant":
        return
    shape = model.get_tensor_shape(pad.input[0])
    begin, end = np.minimum(border, 0).reshape(2, -1).tolist()
    ranges = [range(-b, size + e) for size, b, e in zip(shape, begin, end, strict=True)]
    if not all(ranges):
        return
    _read_slice(model, pad, ranges)
    pads = str(model.make_new_valueinfo_name())
    model.set_initializer(pads, np.maximum(border, 0))
    pad.input[:] = [pad.input[0], pads, *pad.input[2:3]]


def _crop_to_whole_windows(model: ModelWrapper, pool: Any) -> None:
    """Windows that tile an image leave out the rows and columns at its end that make no whole window."""
    attributes, shape = attributes_of(pool), model.get_tensor_shape(pool.input[0])
    kernel = list(attributes["kernel_shape"])
    tiles = list(attributes.get("strides", [1, 1])) == kernel and not any(attributes.get("pads", [0]))
    plain = not attributes.get("ceil_mode", 0) and set(attributes.get("dilations", [1])) == {1}
    if shape is None or len(shape) != len(kernel) + 2 or not (tiles and plain):
        return
    sizes = [*shape[:2], *(size // k * k for size, k in zip(shape[2:], kernel, strict=True))]
    if sizes != list(shape) and all(sizes):
        _read_slice(model, pool, [range(size) for size in sizes])


def _read_slice(model: ModelWrapper, node: Any, ranges: Sequence[range]) -> None:
    """Let `node` read a Slice of what it reads."""
    cropped = new_tensor(model, [len(r) for r in ranges])
    position = list(model.graph.node).index(node)
    model.graph.node.insert(position, slice_node(model, node.input[0], cropped, ranges, f"{node.name}_crop"))
    node.input[0] = cropped
