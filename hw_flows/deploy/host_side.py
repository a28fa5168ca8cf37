# SPDX-License-Identifier: BSD-3-Clause
"""What the host computes before and after the accelerator, as plain numbers for the driver."""

from __future__ import annotations

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.drivers.description import Quantizer, StreamFormat
from hw_flows.machine.errors import UserError
from hw_flows.network.execute import host_output

PARTITION = "StreamingDataflowPartition"
#: How far a value between two probes may lie beside the line through them, as a share of the line's step.
AFFINE_TOLERANCE = 1e-6


def stream_format(stream: Stream) -> StreamFormat:
    return StreamFormat(stream.shape, stream.element.bits, stream.element.signed, stream.lanes)


def input_quantizer(parent: ModelWrapper) -> Quantizer:
    """The thresholds before the accelerator. Raises UserError where the host would have to compute anything else."""
    found: Quantizer | None = None
    for node in parent.graph.node:
        if node.op_type == PARTITION:
            break
        if node.op_type == "MultiThreshold" and found is None:
            thresholds = parent.get_initializer(node.input[1])
            operator = getCustomOp(node)
            offset, step = operator.get_nodeattr("out_bias"), operator.get_nodeattr("out_scale")
            assert offset == int(offset) and step == int(step), "the accelerator takes integers"
            rows = tuple(tuple(float(t) for t in row) for row in thresholds)
            found = Quantizer(rows, int(offset), int(step))
        elif node.op_type != "Transpose":
            raise UserError(f"the host's driver has no {node.op_type}", node.name, "quantize the network's input first")
    if found is None:
        raise UserError("the network does not quantize its input", "input", "train it with an input quantizer")
    return found


def output_scale_and_bias(
    parent: ModelWrapper, accelerator: Accelerator
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """logit = scale * integer + bias for each class, found by probing what stands behind the accelerator.

    Raises UserError where that is no such line.
    """
    shape = accelerator.stream(accelerator.outputs[0]).shape

    def probe(value: int) -> np.ndarray:
        return host_output(parent, np.full(shape, value, np.float32))[0]

    bias, one, some = probe(0), probe(1), probe(-37)
    scale = one - bias
    uniform = all((plane == plane.flat[0]).all() for part in (bias, scale) for plane in part)
    if not uniform or np.abs(some - (bias - 37 * scale)).max() > AFFINE_TOLERANCE * 37 * np.abs(scale).max():
        raise UserError(
            "what follows the accelerator is more than a scale and a bias for each class",
            "network",
            "scale and shift channels, not single pixels, behind the last convolution",
        )
    return tuple(float(p.flat[0]) for p in scale), tuple(float(p.flat[0]) for p in bias)
