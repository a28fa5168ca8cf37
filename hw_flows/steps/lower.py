# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions become sliding windows and matrix products, and the graph becomes NHWC."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul

from hw_flows.layer_names import Layers
from hw_flows.network.round_thresholds import RoundAndClipThresholds
from hw_flows.network.transform import transformed
from hw_flows.operators import front_ends, register
from hw_flows.steps.channels_last import channels_last


def step_lower(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Integer FINN-ONNX in NCHW to matrix products in NHWC; transposes are left at input and output only."""
    register()
    model = transformed(model, *(t for front_end in front_ends() for t in front_end.lower()))
    # types of what follows an operator that ONNX gives no type, and which is lowered now
    model = transformed(model, InferDataTypes(), LowerConvsToMatMul())
    before = Layers(model)
    channels_last(model)
    before.inherit(model)
    return transformed(
        model,
        InferDataLayouts(),
        InferDataTypes(),
        RoundAndClipThresholds(),  # those behind a ConvTranspose, for which QONNX infers no integer type
    )
