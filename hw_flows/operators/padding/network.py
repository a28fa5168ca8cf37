# SPDX-License-Identifier: BSD-3-Clause
"""Pad that puts zeros around an image, where no convolution takes it as its own padding; or the image's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.shared.borders import is_border_of_zeros, pad_border
from hw_flows.operators.shared.lowered import LowerToStages, MoveConstantsPast, Stage

#: Modes of ONNX' Pad, and of NumPy's.
_OWN_PIXELS = ("reflect", "edge")


def _check_pad(model: ModelWrapper, node: Any) -> None:
    if is_border_of_zeros(model, node) or own_pixels(model, node) is not None:
        return
    mode = attributes_of(node).get("mode", b"constant").decode()
    border = pad_border(model, node)
    kind = f"mode {mode}" if mode != "constant" else "a value other than 0, of channels, or computed at run time"
    amounts = "" if border is None else f", {border.tolist()} at the beginnings and ends of the axes"
    raise unsupported(
        model,
        node,
        f"a border of {kind} has no hardware{amounts}",
        "pad rows and columns by constant numbers, by zeros (the convolutions' own padding, nn.ZeroPad2d, F.pad), by less than the "
        'image mirrored (mode="reflect") or by its edge (mode="replicate")',
    )


def _pad(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    x, *rest = inputs
    pads, value, axes = [*rest, None, None, None][:3]
    mode = a.get("mode", b"constant").decode()
    if pads is None or axes is not None or mode not in ("constant", *_OWN_PIXELS):
        return None
    begin, end = pads.astype(np.int64).reshape(2, -1)
    if len(begin) != x.ndim or min(*begin, *end) < 0:
        return None
    border = list(zip(begin, end, strict=True))
    if mode != "constant":
        return np.pad(x, border, mode)
    return np.pad(x, border, constant_values=0.0 if value is None else float(np.ravel(value)[0]))


def own_pixels(model: ModelWrapper, node: NodeProto) -> str | None:
    """The mode of a Pad of rows and columns by the image's own pixels; None for another."""
    mode = attributes_of(node).get("mode", b"constant").decode()
    border = pad_border(model, node)
    if mode not in _OWN_PIXELS or border is None or border[[0, 1, 4, 5]].any() or (border < 0).any():
        return None
    height, width = model.get_tensor_shape(node.input[0])[2:]
    fits = all(amount < size for amount, size in zip(border[[2, 3, 6, 7]], (height, width) * 2, strict=True))
    return mode if mode == "edge" or fits else None


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage]:
    _, channels, height, width = model.get_tensor_shape(node.input[0])
    border = pad_border(model, node)
    assert border is not None, "checked before"
    top, left, bottom, right = (int(border[place]) for place in (2, 3, 6, 7))
    mode = own_pixels(model, node)
    attributes: dict[str, Any] = {
        "ImgDim": [height, width],
        "Padding": [top, left, bottom, right],
        "NumChannels": channels,
        "SIMD": 1,
        "inputDataType": model.get_tensor_datatype(node.input[0]).name,
    }
    shape = (1, top + height + bottom, left + width + right, channels)
    if mode is not None:
        return [Stage("EdgePadding", shape, {**attributes, "Reflect": int(mode == "reflect")})]
    return [Stage("FMPadding", shape, attributes)]


def _constant_behind(model: ModelWrapper, node: NodeProto, operation: str, value: np.ndarray) -> np.ndarray | None:
    return value if operation == "Mul" or own_pixels(model, node) is not None else None


def _inserts_zeros(model: ModelWrapper, node: NodeProto) -> bool:
    return own_pixels(model, node) is None


FRONT_END = FrontEnd(
    checks={"Pad": _check_pad},
    passing={"Pad": Passing(lambda model, node, falls: True, inserts_zeros=_inserts_zeros)},
    reference={"Pad": _pad},
    moves=lambda: (MoveConstantsPast("Pad", _constant_behind),),
    lower=lambda: (LowerToStages(("Pad",), _stages),),
)
