# SPDX-License-Identifier: BSD-3-Clause
"""Sizes that a network computes from shapes that are known, as exporters write `F.pad` and `x.shape`, become constants."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from onnx import ModelProto, numpy_helper

from hw_flows.network.onnx_operator import run_operator
from hw_flows.network.shapes import MOST_OF_A_SIZE, Shape, infer_shapes

_ELEMENTWISE = {
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Mod",
    "Neg",
    "Abs",
    "Min",
    "Max",
    "Floor",
    "Ceil",
    "Round",
    "Sqrt",
    "Pow",
    "Cast",
    "Identity",
    "Where",
    "Equal",
    "Greater",
    "Less",
    "GreaterOrEqual",
    "LessOrEqual",
    "Not",
    "And",
    "Or",
}
_MOVING = {
    "Concat",
    "Slice",
    "Reshape",
    "Flatten",
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Split",
    "ReduceProd",
    "ReduceSum",
    "ReduceMax",
    "ReduceMin",
}
#: Each round makes the shapes known that the next one needs, such as those of one level of a U-Net.
_MOST_ROUNDS = 32


def fold_sizes(model: ModelProto) -> None:
    """Replace operators that only depend on constants and known shapes, and are small, by their results. In place.

    Everything else is left as it is, also what fails or would be large.
    """
    if not any(_may_fold(node) for node in model.graph.node):
        return
    for _ in range(_MOST_ROUNDS):
        try:
            shapes = infer_shapes(model)
        except Exception:  # said where the shapes are checked
            return
        if not _fold_once(model, shapes):
            return


def _may_fold(node: Any) -> bool:
    return node.op_type in ("Shape", "Size", "ConstantOfShape", "Gather", "Range", "Expand", *_ELEMENTWISE, *_MOVING)


def _fold_once(model: ModelProto, shapes: dict[str, Shape]) -> bool:
    graph = model.graph
    outputs = {value.name for value in graph.output}
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer if prod(t.dims) <= MOST_OF_A_SIZE}
    kept = []
    for node in graph.node:
        free = node.domain in ("", "ai.onnx") and not outputs.intersection(node.output)
        results = _results(node, constants, shapes, model) if free else None
        if results is None:
            kept.append(node)
            continue
        for name, value in zip(node.output, results, strict=True):
            if name:
                constants[name] = value
                graph.initializer.append(
                    numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)
                )
    if len(kept) == len(graph.node):
        return False
    del graph.node[:]
    graph.node.extend(kept)
    return True


def _results(
    node: Any, constants: dict[str, np.ndarray], shapes: dict[str, Shape], model: ModelProto
) -> list[np.ndarray] | None:
    """Outputs of `node`, or None where they are not known, not small, or not numbers."""
    if node.op_type in ("Shape", "Size"):
        return _of_shape(node, shapes.get(node.input[0]))
    if not _may_fold(node) or not all(name in constants for name in node.input if name):
        return None
    inputs = [constants[name] if name else None for name in node.input]
    try:
        if _size(node, inputs) > MOST_OF_A_SIZE:
            return None
        results = run_operator(node, inputs, model.opset_import)
    except Exception:  # what cannot be computed is left to whoever meets it
        return None
    sound = all(r.dtype.kind in "biuf" and (r.dtype.kind != "f" or np.isfinite(r).all()) for r in results)
    return results if sound and all(r.size <= MOST_OF_A_SIZE for r in results) else None


def _of_shape(node: Any, shape: Shape | None) -> list[np.ndarray] | None:
    if shape is None or any(d is None for d in shape):
        return None
    if node.op_type == "Size":
        return [np.array(prod(d for d in shape if d is not None), np.int64)]
    ends = {a.name: a.i for a in node.attribute}
    return [np.array(shape[ends.get("start", 0) : ends.get("end", len(shape))], np.int64)]


def _size(node: Any, inputs: list[np.ndarray | None]) -> int:
    """At most how many elements come out, before anything is computed."""
    arrays = [i for i in inputs if i is not None]
    if node.op_type == "ConstantOfShape":
        return prod(int(d) for d in arrays[0].ravel())
    if node.op_type == "Expand":
        return prod(np.broadcast_shapes(arrays[0].shape, tuple(int(d) for d in arrays[1])))
    if node.op_type == "Range":
        start, limit, step = (float(i) for i in arrays)
        return int(abs(limit - start) / abs(step)) + 1
    if node.op_type == "Gather":
        return arrays[0].size * arrays[1].size
    if node.op_type in _ELEMENTWISE:
        return prod(np.broadcast_shapes(*(i.shape for i in arrays)))
    return sum(i.size for i in arrays)
