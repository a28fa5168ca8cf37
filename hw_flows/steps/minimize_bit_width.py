"""Step 7: weights, accumulators and thresholds as narrow as their values allow."""

from __future__ import annotations

from typing import Any

from finn.transformation.fpgadataflow.minimize_accumulator_width import MinimizeAccumulatorWidth
from finn.transformation.fpgadataflow.minimize_weight_bit_width import MinimizeWeightBitWidth
from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_datatypes import InferDataTypes


def step_minimize_bit_width(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    for t in (
        MinimizeWeightBitWidth(),
        MinimizeAccumulatorWidth(),
        InferDataTypes(),
        RoundAndClipThresholds(),
        MinimizeWeightBitWidth(),
        InferDataTypes(),
    ):
        model = model.transform(t)
    return model
