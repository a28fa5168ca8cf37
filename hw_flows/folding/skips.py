# SPDX-License-Identifier: BSD-3-Clause
"""How long a skip connection waits, in frames, from the data dependence alone.

A stream that joins another waits until the other branch has seen what it needs. A sliding window needs the rows and
pixels ahead of its centre, a max-pool its whole window, a matrix-vector unit the pixel that it works on. All of them
run at the frame rate, so a pixel of an image of H x W is 1 / (H * W) of a frame there, and coarse levels, whose rows
are a large part of a frame, decide. Building a coarse level faster hardly helps: its rows still arrive at the frame
rate (only the part of the matrix-vector unit would shrink, one pixel at most; it is taken as one pixel).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp


@dataclass(frozen=True)
class _Arrival:
    """When a tensor's first element comes, in frames, and padding that surrounds it: (top, left, height, width)."""

    frames: float
    padding: tuple[int, int, int, int] | None = None


def waits(model: ModelWrapper) -> dict[str, float]:
    """Frames that each tensor waits for the other inputs of its consumer; only those that wait."""
    arrivals: dict[str, _Arrival] = {}
    waiting: dict[str, float] = {}
    weights = {i.name for i in model.graph.initializer}
    for node in model.graph.node:
        streams = [name for name in node.input if name not in weights]
        inputs = [arrivals.get(name, _Arrival(0.0)) for name in streams]
        last = max(arrival.frames for arrival in inputs)
        for name, arrival in zip(streams, inputs, strict=True):
            if last > arrival.frames:
                waiting[name] = last - arrival.frames
        padding = inputs[0].padding
        result = _Arrival(last + _lead(node, padding), _padding(node))
        for name in node.output:
            arrivals[name] = result
    return waiting


def _padding(node: Any) -> tuple[int, int, int, int] | None:
    if "FMPadding" not in node.op_type:
        return None
    operator = getCustomOp(node)
    top, left, _, _ = map(int, operator.get_nodeattr("Padding"))
    height, width = map(int, operator.get_nodeattr("ImgDim"))
    return top, left, height, width


def _lead(node: Any, padding: tuple[int, int, int, int] | None) -> float:
    """Part of a frame between an operator's first input and its first output."""
    operator = getCustomOp(node)
    if "ConvolutionInputGenerator" in node.op_type:
        kernel_h, kernel_w = map(int, operator.get_nodeattr("ConvKernelDim"))
        top, left, height, width = padding or (0, 0, *map(int, operator.get_nodeattr("IFMDim")))
        return max(0, (kernel_h - 1 - top) * width + kernel_w - 1 - left) / (height * width)
    if "MaxPool" in node.op_type:
        kernel_h, kernel_w = map(int, operator.get_nodeattr("PoolDim"))
        height, width = map(int, operator.get_nodeattr("ImgDim"))
        return ((kernel_h - 1) * width + kernel_w - 1) / (height * width)
    if "MVAU" in node.op_type:
        return 1 / prod(map(int, operator.get_nodeattr("numInputVectors")))
    return 0.0
