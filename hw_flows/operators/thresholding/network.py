# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers of activations, which have become thresholds on integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import set_attributes
from hw_flows.operators.front_end import FrontEnd


def _multi_threshold(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    x, thresholds = inputs
    channel_axis = 1 if a.get("data_layout", b"") in (b"", b"NCHW") else x.ndim - 1
    columns = np.moveaxis(x, channel_axis, -1)
    counts = np.empty(columns.shape)
    for c in range(columns.shape[-1]):  # thresholds ascend, so a search counts those that x reaches
        row = thresholds[c if len(thresholds) > 1 else 0]
        counts[..., c] = np.searchsorted(row, columns[..., c], side="right")
    return np.moveaxis(counts, -1, channel_axis) * a.get("out_scale", 1.0) + a.get("out_bias", 0.0)


def _turn_thresholds(model: ModelWrapper, node: Any) -> None:
    set_attributes(node, data_layout="NHWC")


class InferThresholdingLayerOfIntegers(Transformation):
    """FINN's InferThresholdingLayer, except that a quantizer of floats (the network's input) stays on the host."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        from finn.transformation.fpgadataflow.convert_to_hw.thresholding import InferThresholdingLayer

        hidden = []
        for node in model.graph.node:
            if node.op_type == "MultiThreshold" and not model.get_tensor_datatype(node.input[0]).is_integer():
                node.op_type = "HostMultiThreshold"
                hidden.append(node)
        model, _ = InferThresholdingLayer().apply(model)
        for node in model.graph.node:
            if node.op_type == "HostMultiThreshold":
                node.op_type = "MultiThreshold"
        return model, False


def _convert() -> Sequence[Transformation]:
    return (InferThresholdingLayerOfIntegers(),)


FRONT_END = FrontEnd(
    reference={"MultiThreshold": _multi_threshold},
    turns={"MultiThreshold": _turn_thresholds},
    convert=_convert,
    order=10,  # before the matrix products, which would absorb the thresholds
)
