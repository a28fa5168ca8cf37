# SPDX-License-Identifier: BSD-3-Clause
"""Slice of rows and columns: crops, and every second pixel and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.shared.bounds import bounds, bounds_of
from hw_flows.operators.shared.lowered import LowerToStages, MoveConstantsPast, Stage

_AXES = 4


def _check_slice(model: ModelWrapper, node: Any) -> None:
    shape, kept = model.get_tensor_shape(node.input[0]), bounds_of(model, node)
    if kept is None or len(kept.ranges) != _AXES:
        raise unsupported(
            model,
            node,
            "what it keeps is computed at run time, turned round or empty",
            "crop by constant numbers of rows and columns of an image (1, channels, height, width)",
        )
    if any(own != range(size) for own, size in zip(kept.ranges[:2], shape[:2], strict=True)):
        raise unsupported(
            model,
            node,
            f"a part of the channels ({list(kept.ranges[1])[:3]}, ...) of {shape[1]} has no hardware",
            "let a convolution of its own make these channels",
        )


def _slice(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    x, *numbers = inputs
    if not numbers:
        numbers = [a.get(name) for name in ("starts", "ends", "axes")]
        numbers = [None if n is None else np.array(n) for n in numbers]
    kept = bounds(x.shape, numbers)
    return None if kept is None else x[kept.slices()]


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage]:
    """What a window of rows and columns is, then every `step`-th of them: a sliding window of one pixel."""
    _, channels, height, width = model.get_tensor_shape(node.input[0])
    datatype = model.get_tensor_datatype(node.input[0]).name
    kept = bounds_of(model, node)
    assert kept is not None, "checked before"
    rows, columns = kept.ranges[2:]
    cropping = [rows[0], columns[0], height - 1 - rows[-1], width - 1 - columns[-1]]
    window = (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    stages = []
    if any(cropping):
        attributes = {
            "ImgDim": [height, width],
            "Cropping": cropping,
            "NumChannels": channels,
            "SIMD": 1,
            "inputDataType": datatype,
        }
        stages.append(Stage("ImageCrop", (1, *window, channels), attributes))
    if rows.step > 1 or columns.step > 1:
        attributes = {
            "ConvKernelDim": [1, 1],
            "IFMChannels": channels,
            "IFMDim": list(window),
            "OFMDim": [len(rows), len(columns)],
            "SIMD": 1,
            "Stride": [rows.step, columns.step],
            "Dilation": [1, 1],
            "inputDataType": datatype,
            "outputDataType": datatype,
            "depthwise": 0,
        }
        stages.append(Stage("ConvolutionInputGenerator", (1, len(rows), len(columns), channels), attributes))
    return stages


FRONT_END = FrontEnd(
    checks={"Slice": _check_slice},
    passing={"Slice": Passing(lambda model, node, falls: True)},
    reference={"Slice": _slice},
    moves=lambda: (MoveConstantsPast("Slice", lambda model, node, operation, value: value),),
    lower=lambda: (LowerToStages(("Slice",), _stages),),
)
