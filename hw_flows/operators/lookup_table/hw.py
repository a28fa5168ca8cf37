# SPDX-License-Identifier: BSD-3-Clause
"""Any function of an integer of at most 8 bits, element by element.

Behind thresholds it makes any function of an accumulator whose result has few bits: these say between which of its steps
an argument lies, the table which integer the function has there (SiLU, GELU and hard swish fall and rise again).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from onnx import helper
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.shared.one_stream import OneStreamOperator


class LookupTable(OneStreamOperator):
    """Input and output (1, H, W, C); the second input holds the results, in order of the integers of `inputDataType`, the
    least first. It may be shorter where the largest do not occur. `PE` divides C.

    In a graph that is not yet NHWC it works on (1, C, H, W) all the same.
    """

    lanes: ClassVar[str] = "PE"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {**super().get_nodeattr_types(), "outputDataType": ("s", True, "")}

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return (1, *self.get_nodeattr("ImgDim"), self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self.get_normal_input_shape()

    def make_shape_compatible_op(self, model: Any) -> Any:
        return helper.make_node("Identity", self.onnx_node.input[:1], self.onnx_node.output)

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("outputDataType")]

    def get_instream_width(self, ind: int = 0) -> int:
        return super().get_instream_width() if ind == 0 else 0  # the table is no stream

    def get_outstream_width(self, ind: int = 0) -> int:
        return self.get_output_datatype().bitwidth() * self.get_nodeattr("PE")

    def infer_node_datatype(self, model: Any) -> None:
        super().infer_node_datatype(model)
        model.set_tensor_datatype(self.onnx_node.output[0], self.get_output_datatype())

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x, table = (context[name] for name in self.onnx_node.input)
        least = int(self.get_input_datatype().min())
        context[self.onnx_node.output[0]] = np.asarray(table, np.float32)[x.astype(np.int64) - least]
