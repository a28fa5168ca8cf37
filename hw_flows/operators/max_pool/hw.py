"""Max-pool over windows that do not overlap.

FINN's `Pool` needs a sliding window before it that stores whole rows of pixels; where stride equals kernel, one row
of running maxima is enough, so this operator takes the image itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.custom_op.fpgadataflow.hwcustomop import HWCustomOp
from qonnx.core.datatype import BaseDataType, DataType


class StreamingMaxPool(HWCustomOp):
    """Input (1, H, W, C), output (1, H / kh, W / kw, C); kh divides H, kw divides W, stride equals kernel.

    `PE` channels are compared at a time; it divides C.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "ImgDim": ("ints", True, []),  # [H, W] of the input
            "PoolDim": ("ints", True, []),  # [kh, kw]
            "NumChannels": ("i", True, 0),
            "PE": ("i", False, 1),
            "inputDataType": ("s", True, ""),
        }

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        kh, kw = self.get_nodeattr("PoolDim")
        return (1, h // kh, w // kw, self.get_nodeattr("NumChannels"))

    def get_folded_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_input_shape())

    def get_folded_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_output_shape())

    def _folded(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        pe = self.get_nodeattr("PE")
        assert shape[-1] % pe == 0, f"{self.onnx_node.name}: PE divides NumChannels"
        return (*shape[:-1], shape[-1] // pe, pe)

    def get_input_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("inputDataType")]

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return self.get_input_datatype()

    def get_instream_width(self, ind: int = 0) -> int:
        return self.get_input_datatype().bitwidth() * self.get_nodeattr("PE")

    def get_outstream_width(self, ind: int = 0) -> int:
        return self.get_instream_width()

    def get_exp_cycles(self) -> int:
        """One input word a cycle."""
        return int(np.prod(self.get_folded_input_shape()[:-1]))

    def infer_node_datatype(self, model: Any) -> None:
        datatype = model.get_tensor_datatype(self.onnx_node.input[0])
        self.set_nodeattr("inputDataType", datatype.name)
        model.set_tensor_datatype(self.onnx_node.output[0], datatype)

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x = context[self.onnx_node.input[0]]
        context[self.onnx_node.output[0]] = max_pool(x, *self.get_nodeattr("PoolDim"))


def max_pool(x: np.ndarray, kh: int, kw: int) -> np.ndarray:
    """(N, H, W, C) to (N, H / kh, W / kw, C)."""
    n, h, w, c = x.shape
    return x.reshape(n, h // kh, kh, w // kw, kw, c).max(axis=(2, 4))
