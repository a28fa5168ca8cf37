# SPDX-License-Identifier: BSD-3-Clause
"""Resize and Upsample that repeat every pixel a whole number of times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NHWC, attributes_of
from hw_flows.operators.bilinear.network import check_linear, is_linear, linear, parts
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.shared.lowered import MoveConstantsPast

#: How Resize rounds a place to that of a pixel, and what it adds to both places before it divides one.
_NEAREST: dict[bytes, Callable[[np.ndarray], np.ndarray]] = {
    b"floor": np.floor,
    b"ceil": np.ceil,
    b"round_prefer_ceil": lambda x: np.floor(x + 0.5),
    b"round_prefer_floor": lambda x: np.ceil(x - 0.5),
}
_OFFSETS = {b"asymmetric": 0.0, b"half_pixel": 0.5, b"half_pixel_symmetric": 0.5, b"pytorch_half_pixel": 0.5}
_LARGEST_FACTOR = 4096
_WHOLE_FACTORS = (
    "choose an image size that divides by 2 as often as the network halves it, so that factors are whole, or use "
    'nn.Upsample(mode="bilinear") or a transposed convolution'
)
_CURES = {"cubic": 'use nn.Upsample(mode="bilinear"), or a transposed convolution'}
#: What Upsample, which came before Resize, always does.
_ASYMMETRIC = {"coordinate_transformation_mode": b"asymmetric", "nearest_mode": b"floor"}


def _check_resize(model: ModelWrapper, node: Any) -> None:
    if is_linear(node):
        check_linear(model, node)
        return
    a = attributes_of(node)
    mode = a.get("mode", b"nearest").decode()
    before, after = model.get_tensor_shape(node.input[0]), model.get_tensor_shape(node.output[0])
    transform = a.get("coordinate_transformation_mode", b"half_pixel").decode()
    whole = len(before) == 4 and before[:2] == after[:2] and all(o % i == 0 for i, o in zip(before, after, strict=True))
    if mode != "nearest" or not whole or (node.op_type == "Resize" and not repeats_pixels(a, np.divide(after, before))):
        raise unsupported(
            model,
            node,
            f"resizing by {mode} ({transform}) from {before} to {after} has no hardware",
            _CURES.get(mode, _WHOLE_FACTORS),
        )


def repeats_pixels(attributes: dict[str, Any], factors: np.ndarray) -> bool:
    """A Resize with `attributes` to the nearest pixel repeats each one `factor` times along each axis.

    Attributes that are absent have the defaults of ONNX from version 11 on; those of version 10 do the same.
    """
    transform = attributes.get("coordinate_transformation_mode", b"half_pixel")
    rounding = attributes.get("nearest_mode", b"round_prefer_floor")
    nearest, offset = _NEAREST.get(rounding), _OFFSETS.get(transform)
    if nearest is None or offset is None:
        return False
    for factor in factors:
        if factor != np.round(factor) or not 1 <= factor <= _LARGEST_FACTOR:
            return False
        place = np.arange(2 * factor)  # of the pixels of the second, with one before and one after
        source = nearest((place + factor + offset) / factor - offset)
        if not np.array_equal(source, 1 + place // factor):
            return False
    return True


def _resize(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x = inputs[0]
    if a.get("mode", b"nearest") == b"linear" and x.ndim == 4:
        return linear(a, inputs)
    if a.get("mode", b"nearest") != b"nearest":
        return None
    if inputs[-1] is None or inputs[-1].size != 4:
        return None
    factors = inputs[-1] / x.shape if len(inputs) == 4 else inputs[-1]
    if "axes" in a or not repeats_pixels(a, factors):
        return None
    for axis, factor in enumerate(factors):
        x = np.repeat(x, int(factor), axis=axis)
    return x


def _upsample(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    if a.get("mode", b"nearest") != b"nearest":
        return None
    return _resize({"mode": a.get("mode", b"nearest"), **_ASYMMETRIC}, inputs)


def _is_nearest(model: ModelWrapper, node: NodeProto, falls: bool) -> bool:
    return bool(attributes_of(node).get("mode", b"nearest") == b"nearest")


def _constant_behind(model: ModelWrapper, node: NodeProto, operation: str, value: np.ndarray) -> np.ndarray | None:
    return value if _is_nearest(model, node, False) else None


def _turn_resize(model: ModelWrapper, node: Any) -> None:
    """By factors, whatever the file says; `supported.check_supported` has made sure that they are whole."""
    before, after = (model.get_tensor_shape(name) for name in (node.input[0], node.output[0]))
    factors = model.make_new_valueinfo_name()
    model.set_initializer(factors, np.asarray([after[axis] / before[axis] for axis in TO_NHWC], np.float32))
    node.input[:] = [node.input[0], factors] if node.op_type == "Upsample" else [node.input[0], "", factors]


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.upsample import InferUpsample

    return (InferUpsample(),)


FRONT_END = FrontEnd(
    checks=dict.fromkeys(("Resize", "Upsample"), _check_resize),
    passing=dict.fromkeys(("Resize", "Upsample"), Passing(_is_nearest, parts=parts)),
    reference={"Resize": _resize, "Upsample": _upsample},
    moves=lambda: tuple(MoveConstantsPast(op_type, _constant_behind) for op_type in ("Resize", "Upsample")),
    turns=dict.fromkeys(("Resize", "Upsample"), _turn_resize),
    convert=_convert,
)
