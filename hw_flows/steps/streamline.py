"""Step 3: floating-point scales and biases move towards the thresholds and vanish in them (arXiv:1709.04060)."""

from __future__ import annotations

from typing import Any

import finn.transformation.streamline.absorb as absorb
import finn.transformation.streamline.reorder as reorder
import numpy as np
from finn.transformation.streamline import Streamline
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation


def step_streamline(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    model = model.transform(absorb.AbsorbScalarBiasIntoMultiThreshold())
    model = model.transform(Streamline())
    for _ in range(3):
        for t in (
            reorder.MoveMulPastFork(),
            reorder.MoveMulPastMaxPool(),
            reorder.MoveScalarMulPastConv(),
            reorder.MoveScalarMulPastConvTranspose(),
            AbsorbSignIntoConvTranspose(),
            reorder.MoveMulPastJoinConcat(),
            reorder.MoveLinearPastFork(),
        ):
            model = model.transform(t)
        model = model.transform(Streamline())
    return model


class AbsorbSignIntoConvTranspose(Transformation):
    """A channelwise factor of +1 or -1 behind a ConvTranspose goes into its weights, as FINN does for Conv."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            if node.op_type != "ConvTranspose" or model.is_fork_node(node):
                continue
            mul = model.find_consumer(node.output[0])
            if mul is None or mul.op_type != "Mul":
                continue
            sign = model.get_initializer(mul.input[1])
            if sign is None or model.get_tensor_datatype(mul.input[1]) != DataType["BIPOLAR"]:
                continue
            weights = model.get_initializer(node.input[1])  # (C_in, C_out, kh, kw)
            model.set_initializer(node.input[1], np.float32(weights * sign.reshape(1, -1, 1, 1)))
            node.output[0] = mul.output[0]
            model.graph.node.remove(mul)
            return model, True
        return model, False
