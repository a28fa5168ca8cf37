# SPDX-License-Identifier: BSD-3-Clause
"""What FINN asks of an operator of ours that it lacks: one stream in and one out, elements moved but not changed."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.hwcustomop import HWCustomOp
from qonnx.core.datatype import BaseDataType, DataType


class OneStreamOperator(HWCustomOp):
    """Input and output of one data type in NHWC order, the same number of lanes on both.

    A subclass gives the normal shapes and the model; the attribute named by `lanes` divides `NumChannels`.
    """

    #: Attribute that holds the lanes: "PE" or "SIMD".
    lanes: ClassVar[str]

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "ImgDim": ("ints", True, []),  # [H, W] of the input
            "NumChannels": ("i", True, 0),  # of the output
            self.lanes: ("i", False, 1),
            "inputDataType": ("s", True, ""),
        }

    def get_folded_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_input_shape())

    def get_folded_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_output_shape())

    def _folded(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        lanes = self.get_nodeattr(self.lanes)
        assert self.get_nodeattr("NumChannels") % lanes == 0, f"{self.onnx_node.name}: {self.lanes} divides NumChannels"
        return (*shape[:-1], shape[-1] // lanes, lanes)

    def get_input_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("inputDataType")]

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return self.get_input_datatype()

    def get_instream_width(self, ind: int = 0) -> int:
        return self.get_input_datatype().bitwidth() * self.get_nodeattr(self.lanes)

    def get_outstream_width(self, ind: int = 0) -> int:
        return self.get_instream_width()

    def get_exp_cycles(self) -> int:
        """One word a cycle, in or out, whichever are more."""
        return int(max(np.prod(self.get_folded_input_shape()[:-1]), np.prod(self.get_folded_output_shape()[:-1])))

    def infer_node_datatype(self, model: Any) -> None:
        datatype = model.get_tensor_datatype(self.onnx_node.input[0])
        self.set_nodeattr("inputDataType", datatype.name)
        model.set_tensor_datatype(self.onnx_node.output[0], datatype)
