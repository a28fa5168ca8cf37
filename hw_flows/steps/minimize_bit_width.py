# SPDX-License-Identifier: BSD-3-Clause
"""Weights, accumulators and thresholds as narrow as their values allow."""

from __future__ import annotations

from typing import Any

from finn.transformation.fpgadataflow.minimize_accumulator_width import MinimizeAccumulatorWidth
from onnx import NodeProto
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.round_thresholds import RoundAndClipThresholds
from hw_flows.network.transform import transformed
from hw_flows.operators import register

#: FINN's Python models compute in float32, which counts exactly to 2^24: a signed accumulator of 25 bits.
MAX_ACCUMULATOR_BITS = 25


def step_minimize_bit_width(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Dataflow model to the same with narrower types. Raises UserError where an accumulator is wider than 25 bits."""
    register()
    model = transformed(
        model,
        RoundAndClipThresholds(),  # a sum that has become hardware may have no negative numbers left, as FINN expects of thresholds, too
        MinimizeConstantWidths(),
        MinimizeAccumulatorWidth(),
        InferDataTypes(),
        RoundAndClipThresholds(),
        MinimizeConstantWidths(),  # again: now the thresholds are clipped to the accumulator
        InferDataTypes(),
    )
    for node in model.graph.node:
        if node.op_type not in ("MVAU", "VVAU", "GroupedVVAU"):
            continue
        operator = getCustomOp(node)
        datatype = operator.get_accumulator_datatype()
        factors = " and ".join(operator.get_input_datatype(index).name for index in (0, 1))
        if datatype.bitwidth() > MAX_ACCUMULATOR_BITS:
            raise UserError(
                f"{layer_of(model, node)} sums up to {datatype.name}, which is more than {MAX_ACCUMULATOR_BITS} bits",
                f"layer {layer_of(model, node)}, products of {factors}",
                "use fewer bits for the weights or activations of this layer, or fewer channels",
            )
    return model


class MinimizeConstantWidths(Transformation):
    """FINN's MinimizeWeightBitWidth, also for thresholds of -1 and 0 alone.

    FINN takes their type for that of -1, which is BIPOLAR and has no 0.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            operator = getCustomOp(node)
            if _has_thresholds_of_minus_one_and_zero(model, node):
                operator.set_nodeattr("weightDataType", "INT2")
                model.set_tensor_datatype(node.input[1], DataType["INT2"])
            elif hasattr(operator, "minimize_weight_bit_width"):
                operator.minimize_weight_bit_width(model)
        return model, False


def _has_thresholds_of_minus_one_and_zero(model: ModelWrapper, node: NodeProto) -> bool:
    if node.op_type != "Thresholding" or not getCustomOp(node).get_input_datatype(0).is_integer():
        return False
    thresholds = model.get_initializer(node.input[1])
    return bool(thresholds.min() == -1 and thresholds.max() in (-1, 0))
