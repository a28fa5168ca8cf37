# SPDX-License-Identifier: BSD-3-Clause
"""What FINN asks of the operator, and its arithmetic."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.shared.one_stream import OneStreamOperator


class AbsoluteValue(OneStreamOperator):
    """Input and output (1, H, W, C). Signed integers of b bits in, unsigned ones of b bits out; `PE` divides C."""

    lanes: ClassVar[str] = "PE"

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return (1, *self.get_nodeattr("ImgDim"), self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self.get_normal_input_shape()

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[f"UINT{self.get_input_datatype().bitwidth()}"]

    def infer_node_datatype(self, model: Any) -> None:
        super().infer_node_datatype(model)
        model.set_tensor_datatype(self.onnx_node.output[0], self.get_output_datatype())

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        context[self.onnx_node.output[0]] = np.abs(context[self.onnx_node.input[0]])
