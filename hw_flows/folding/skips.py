# SPDX-License-Identifier: BSD-3-Clause
"""How long a skip connection waits, in frames, from the data dependence alone.

A stream that joins another waits until the other branch has seen what it needs. A sliding window needs the rows and
pixels ahead of its centre, a max-pool its whole window, a matrix-vector unit the pixel that it works on. All of them
run at the frame rate, so a pixel of an image of H x W is 1 / (H * W) of a frame there, and coarse levels, whose rows
are a large part of a frame, decide. Building a coarse level faster hardly helps: its rows still arrive at the frame
rate (only the part of the matrix-vector unit would shrink, one pixel at most; it is taken as one pixel). But where an
image is one pixel, as in a gate made of its average, a pixel is a whole frame, and a small unit done long before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.operators.base import Border


@dataclass(frozen=True)
class _Arrival:
    """When a tensor's first element comes, in frames, and the zeros that surround it."""

    frames: float
    border: Border | None = None


def waits(model: ModelWrapper, busy: Mapping[str, float] | None = None) -> dict[str, float]:
    """Frames that each tensor waits for the other inputs of its consumer; only those that wait.

    `busy`: for nodes by name, the part of a frame that they work at most; they give their first word no later.
    """
    busy = busy or {}
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
        operator = getCustomOp(node)
        lead = min(operator.lead(inputs[0].border), busy.get(node.name, 1.0))
        result = _Arrival(last + lead, operator.border())
        for name in node.output:
            arrivals[name] = result
    return waiting
