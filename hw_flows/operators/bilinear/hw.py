# SPDX-License-Identifier: BSD-3-Clause
"""Bilinear upsampling of integers.

The weights of linear interpolation are fractions of one denominator: quarters for twice the size with pixels at the
centres of their areas, (size - 1)-ths with corners aligned. The operator gives the numerators, which are exact; the
denominator is a scale like any other and ends in the thresholds that follow.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.bilinear.axis import InterpolatedAxis
from hw_flows.operators.shared.one_stream import OneStreamOperator


class BilinearUpsample(OneStreamOperator):
    """Input (1, H, W, C), output (1, OH, OW, C): parts of both axes times the interpolated value, see `axis.Axis`.

    `SIMD` elements are interpolated at a time; it divides C.
    """

    lanes: ClassVar[str] = "SIMD"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "OutDim": ("ints", True, []),  # [OH, OW]
            "Steps": ("ints", True, []),  # of the rows, of the columns
            "Parts": ("ints", True, []),
            "Before": ("ints", True, []),
        }

    def axes(self) -> tuple[InterpolatedAxis, InterpolatedAxis]:
        """Of rows and columns."""
        names = ("ImgDim", "OutDim", "Steps", "Parts", "Before")
        rows, columns = (
            InterpolatedAxis(*map(int, values)) for values in zip(*map(self.get_nodeattr, names), strict=True)
        )
        return rows, columns

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return (1, *self.get_nodeattr("ImgDim"), self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return (1, *self.get_nodeattr("OutDim"), self.get_nodeattr("NumChannels"))

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        """The narrowest that holds the parts of both axes times any input."""
        into = self.get_input_datatype()
        rows, columns = self.axes()
        parts = rows.parts * columns.parts
        low, high = int(into.min()) * parts, int(into.max()) * parts
        if low >= 0:
            return DataType["BINARY" if high == 1 else f"UINT{high.bit_length()}"]
        return DataType[f"INT{max((-low - 1).bit_length(), high.bit_length()) + 1}"]

    def get_outstream_width(self, ind: int = 0) -> int:
        return int(self.get_output_datatype().bitwidth() * self.get_nodeattr(self.lanes))

    def infer_node_datatype(self, model: Any) -> None:
        super().infer_node_datatype(model)
        model.set_tensor_datatype(self.onnx_node.output[0], self.get_output_datatype())

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        rows, columns = self.axes()
        x = np.asarray(context[self.onnx_node.input[0]], np.float64)  # counts exactly to 2^53
        context[self.onnx_node.output[0]] = columns.blend(rows.blend(x, 1), 2).astype(np.float32)
