# SPDX-License-Identifier: BSD-3-Clause
"""Thresholds on integers become integers, as wide as these."""

from __future__ import annotations

import numpy as np
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.graph_surgery import as_container
from hw_flows.network.integer_factors import MAX_SUM_BITS


class RoundAndClipThresholds(Transformation):
    """FINN's transformation of that name, except that it rounds what float32 does not hold to float32, too, and calls itself
    again and again for it."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            of_hardware = node.op_type.startswith("Thresholding")
            if node.op_type != "MultiThreshold" and not of_hardware:
                continue
            datatype, thresholds = model.get_tensor_datatype(node.input[0]), model.get_initializer(node.input[1])
            if thresholds is None or not datatype.is_integer():
                continue
            rounded = np.ceil(np.asarray(thresholds, np.float64))
            producer = model.find_producer(node.input[0])
            if producer is not None and producer.op_type == "Add":
                datatype = _of_sum(datatype, rounded)
            rounded = np.clip(rounded, datatype.min(), datatype.max() + 1)
            model.set_initializer(node.input[1], as_container(rounded))
            model.set_tensor_datatype(node.input[1], _one_more(datatype))
            if of_hardware:
                getCustomOp(node).set_nodeattr("weightDataType", _one_more(datatype).name)
        return model.transform(InferDataTypes()), False


def _of_sum(datatype: BaseDataType, thresholds: np.ndarray) -> BaseDataType:
    """The type of a sum whose `thresholds` are met: QONNX calls every sum of integers one of 32 bits, until it is hardware and knows
    its own."""
    finite = thresholds[np.isfinite(thresholds)]
    if finite.size and not (datatype.min() <= finite.min() and finite.max() <= datatype.max() + 1):
        return DataType[f"INT{MAX_SUM_BITS + 1}"]
    return datatype


def _one_more(datatype: BaseDataType) -> BaseDataType:
    """Holds all of `datatype` and a threshold above."""
    above = int(datatype.max()) + 1
    return DataType.get_smallest_possible(-above - 1 if datatype.signed() else above)
