# SPDX-License-Identifier: BSD-3-Clause
"""Resize by linear interpolation. (Resize to the nearest pixel is `upsample`, which asks here for the other mode.)

Streamlining makes it one of whole numbers, with its denominator as a scale behind it: the node keeps its ONNX type and
gets the attribute `whole_numbers`, by which its result is multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of, new_tensor, set_attributes
from hw_flows.operators.bilinear.axis import InterpolatedAxis, find_axis
from hw_flows.operators.front_end import FrontEnd, unsupported
from hw_flows.operators.shared.lowered import LowerToStages, MoveConstantsPast, Stage

_IMAGE = 4  # axes
#: Of a factor that a file tells in float32.
_TOLERANCE = 1e-6


def is_linear(node: NodeProto) -> bool:
    return node.op_type == "Resize" and attributes_of(node).get("mode", b"nearest") == b"linear"


def check_linear(model: ModelWrapper, node: Any) -> None:
    """Raises UserError unless it makes the rows and columns of an image more, in a way that has hardware."""
    before, after = model.get_tensor_shape(node.input[0]), model.get_tensor_shape(node.output[0])
    a = attributes_of(node)
    way = a.get("coordinate_transformation_mode", b"half_pixel").decode()
    factors = model.get_initializer(node.input[2]) if len(node.input) > 2 and node.input[2] else None
    if axes_of(a, before, after, factors) is None:
        raise unsupported(
            model,
            node,
            f"resizing by linear interpolation ({way}) from {before} to {after} has no hardware",
            'make images larger, by nn.Upsample(mode="bilinear") with or without align_corners, or smaller by pooling',
        )


def parts(model: ModelWrapper, node: NodeProto) -> int:
    """The common denominator of the weights; 1 where it is no linear Resize."""
    if not is_linear(node):
        return 1
    return prod(axis.parts for axis in _axes(model, node))


def linear(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    """Rows, then columns, each exact but for the division at the end."""
    x, factors = inputs[0], inputs[2] if len(inputs) > 2 else None
    sizes = inputs[3] if len(inputs) > 3 else None
    if sizes is None and (factors is None or factors.size != _IMAGE):
        return None
    after = [int(size) for size in (np.floor(factors * x.shape) if sizes is None else np.ravel(sizes))]
    axes = axes_of(a, list(x.shape), after, None if sizes is not None else factors)
    if axes is None:
        return None
    rows, columns = axes
    return columns.blend(rows.blend(x, 2), 3) * a.get("whole_numbers", 1) / (rows.parts * columns.parts)


def axes_of(
    a: dict[str, Any], before: list[int], after: list[int], factors: np.ndarray | None
) -> tuple[InterpolatedAxis, InterpolatedAxis] | None:
    """Rows and columns; None where it is no interpolation between pixels to a larger image."""
    if len(before) != _IMAGE or list(before[:2]) != list(after[:2]) or a.get("antialias", 0) or "axes" in a:
        return None
    if factors is not None and factors.size and not np.allclose(factors * before, after, rtol=_TOLERANCE, atol=0):
        return None  # pixels lie by the factor, not by the sizes
    way = a.get("coordinate_transformation_mode", b"half_pixel").decode()
    rows, columns = (find_axis(into, out, way) for into, out in zip(before[2:], after[2:], strict=True))
    return None if rows is None or columns is None else (rows, columns)


def _axes(model: ModelWrapper, node: NodeProto) -> tuple[InterpolatedAxis, InterpolatedAxis]:
    before, after = (model.get_tensor_shape(name) for name in (node.input[0], node.output[0]))
    axes = axes_of(attributes_of(node), before, after, None)
    assert axes is not None, "checked before"
    return axes


class ScaleInterpolation(Transformation):
    """A linear Resize gives whole numbers of whole numbers, and a Mul behind it divides them."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in [n for n in model.graph.node if is_linear(n) and "whole_numbers" not in attributes_of(n)]:
            denominator = parts(model, node)
            set_attributes(node, whole_numbers=denominator)
            if denominator == 1:
                continue
            result = node.output[0]
            node.output[0] = new_tensor(model, model.get_tensor_shape(result))
            factor = str(model.make_new_valueinfo_name())
            model.set_initializer(factor, np.asarray(1 / denominator))
            position = list(model.graph.node).index(node)
            model.graph.node.insert(position + 1, helper.make_node("Mul", [node.output[0], factor], [result]))
        return model, False


def _constant_behind(model: ModelWrapper, node: NodeProto, operation: str, value: np.ndarray) -> np.ndarray | None:
    """Weights add up to 1, or to the number by which the result is multiplied."""
    if not is_linear(node):
        return None
    return value if operation == "Mul" else value * attributes_of(node).get("whole_numbers", 1)


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage] | None:
    if not is_linear(node):
        return None
    axes = _axes(model, node)
    channels = model.get_tensor_shape(node.input[0])[1]
    attributes = {
        "ImgDim": [axis.into for axis in axes],
        "OutDim": [axis.out for axis in axes],
        "Steps": [axis.step for axis in axes],
        "Parts": [axis.parts for axis in axes],
        "Before": [axis.before for axis in axes],
        "NumChannels": channels,
        "SIMD": 1,
        "inputDataType": model.get_tensor_datatype(node.input[0]).name,
    }
    return [Stage("BilinearUpsample", (1, axes[0].out, axes[1].out, channels), attributes)]


FRONT_END = FrontEnd(
    moves=lambda: (ScaleInterpolation(), MoveConstantsPast("Resize", _constant_behind)),
    lower=lambda: (LowerToStages(("Resize",), _stages),),
)
