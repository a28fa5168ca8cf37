# SPDX-License-Identifier: BSD-3-Clause
"""Pad that puts zeros around an image, where no convolution takes it as its own padding."""

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


def _check_pad(model: ModelWrapper, node: Any) -> None:
    if is_border_of_zeros(model, node):
        return
    mode = attributes_of(node).get("mode", b"constant").decode()
    border = pad_border(model, node)
    kind = f"mode {mode}" if mode != "constant" else "a value other than 0, of channels, or computed at run time"
    amounts = "" if border is None else f", {border.tolist()} at the beginnings and ends of the axes"
    raise unsupported(
        model,
        node,
        f"a border of {kind} has no hardware{amounts}",
        "pad rows and columns by zeros, of constant numbers: the convolutions' own padding, nn.ZeroPad2d or F.pad",
    )


def _pad(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    x, *rest = inputs
    pads, value, axes = [*rest, None, None, None][:3]
    if pads is None or axes is not None or a.get("mode", b"constant") != b"constant":
        return None
    begin, end = pads.astype(np.int64).reshape(2, -1)
    if len(begin) != x.ndim or min(*begin, *end) < 0:
        return None
    return np.pad(
        x, list(zip(begin, end, strict=True)), constant_values=0.0 if value is None else float(np.ravel(value)[0])
    )


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage]:
    _, channels, height, width = model.get_tensor_shape(node.input[0])
    border = pad_border(model, node)
    assert border is not None, "checked before"
    top, left, bottom, right = (int(border[place]) for place in (2, 3, 6, 7))
    attributes = {
        "ImgDim": [height, width],
        "Padding": [top, left, bottom, right],
        "NumChannels": channels,
        "SIMD": 1,
        "inputDataType": model.get_tensor_datatype(node.input[0]).name,
    }
    return [Stage("FMPadding", (1, top + height + bottom, left + width + right, channels), attributes)]


FRONT_END = FrontEnd(
    checks={"Pad": _check_pad},
    passing={"Pad": Passing(lambda model, node, falls: True, inserts_zeros=True)},
    reference={"Pad": _pad},
    moves=lambda: (
        MoveConstantsPast("Pad", lambda model, node, operation, value: value if operation == "Mul" else None),
    ),
    lower=lambda: (LowerToStages(("Pad",), _stages),),
)
