# SPDX-License-Identifier: BSD-3-Clause
"""Which rows and columns an ONNX Slice keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of


@dataclass(frozen=True)
class Bounds:
    """Along each axis of a tensor `range(start, stop, step)`, step at least 1."""

    ranges: tuple[range, ...]

    def within(self, outer: Bounds) -> Bounds:
        """The same of what `outer` has left of a larger tensor."""
        return Bounds(
            tuple(whole[own.start : own.stop : own.step] for whole, own in zip(outer.ranges, self.ranges, strict=True))
        )

    def slices(self) -> tuple[slice, ...]:
        return tuple(slice(r.start, r.stop, r.step) for r in self.ranges)


def bounds_of(model: ModelWrapper, node: Any) -> Bounds | None:
    """What a Slice of a tensor of known shape keeps; None where it is computed, turns an axis round or leaves nothing."""
    shape = model.get_tensor_shape(node.input[0])
    attributes = attributes_of(node)
    if len(node.input) > 1:
        numbers = [model.get_initializer(name) if name else None for name in node.input[1:]]
        if any(value is None and name for value, name in zip(numbers, node.input[1:], strict=True)):
            return None
    else:  # before opset 10
        numbers = [np.array(attributes[k]) if k in attributes else None for k in ("starts", "ends", "axes")]
    return None if shape is None else bounds(tuple(shape), numbers)


def bounds(shape: tuple[int, ...], numbers: list[Any]) -> Bounds | None:
    """`numbers`: starts, ends and, where they are not absent (None), axes and steps, as ONNX has them."""
    starts, ends, axes, steps = [*numbers, None, None][:4]
    if starts is None or ends is None:
        return None
    axes = np.arange(np.size(starts)) if axes is None else axes
    steps = np.ones(np.size(starts)) if steps is None else steps
    sizes = {np.size(numbers) for numbers in (starts, ends, axes, steps)}
    if len(sizes) > 1 or not all(-len(shape) <= axis < len(shape) for axis in np.ravel(axes)):
        return None
    ranges = [range(size) for size in shape]
    for start, end, axis, step in zip(*(np.ravel(n).tolist() for n in (starts, ends, axes, steps)), strict=True):
        if step < 1:
            return None
        ranges[int(axis)] = ranges[int(axis)][int(start) : int(end) : int(step)]
    return Bounds(tuple(ranges)) if all(ranges) else None
