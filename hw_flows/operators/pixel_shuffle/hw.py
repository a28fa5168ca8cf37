"""Pixel shuffle (depth to space): the second half of a transposed convolution whose kernel equals its stride.

FINN lowers a transposed convolution to zero insertion and a dense convolution, which for a 2x2 kernel of stride 2
multiplies three zeros in four. A matrix product of (C_in, rh * rw * C) followed by this shuffle computes the same
without them (W. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.custom_op.fpgadataflow.hwcustomop import HWCustomOp
from qonnx.core.datatype import BaseDataType, DataType


class PixelShuffle(HWCustomOp):
    """Input (1, H, W, rh * rw * C), channel = (dy * rw + dx) * C + c; output (1, H * rh, W * rw, C).

    Output pixel (y * rh + dy, x * rw + dx), channel c is input pixel (y, x), channel (dy * rw + dx) * C + c.
    `SIMD` elements move at a time; it divides C.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "ImgDim": ("ints", True, []),  # [H, W] of the input
            "NumChannels": ("i", True, 0),  # C of the output
            "BlockSize": ("ints", True, [2, 2]),  # [rh, rw]
            "SIMD": ("i", False, 1),
            "inputDataType": ("s", True, ""),
        }

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        rh, rw = self.get_nodeattr("BlockSize")
        return (1, h, w, rh * rw * self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        rh, rw = self.get_nodeattr("BlockSize")
        return (1, h * rh, w * rw, self.get_nodeattr("NumChannels"))

    def get_folded_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_input_shape())

    def get_folded_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._folded(self.get_normal_output_shape())

    def _folded(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        simd = self.get_nodeattr("SIMD")
        assert self.get_nodeattr("NumChannels") % simd == 0, f"{self.onnx_node.name}: SIMD divides NumChannels"
        return (*shape[:-1], shape[-1] // simd, simd)

    def get_input_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("inputDataType")]

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return self.get_input_datatype()

    def get_instream_width(self, ind: int = 0) -> int:
        return self.get_input_datatype().bitwidth() * self.get_nodeattr("SIMD")

    def get_outstream_width(self, ind: int = 0) -> int:
        return self.get_instream_width()

    def get_exp_cycles(self) -> int:
        """One word a cycle; a row is read while the row before it is written."""
        return int(np.prod(self.get_folded_output_shape()[:-1]))

    def infer_node_datatype(self, model: Any) -> None:
        datatype = model.get_tensor_datatype(self.onnx_node.input[0])
        self.set_nodeattr("inputDataType", datatype.name)
        model.set_tensor_datatype(self.onnx_node.output[0], datatype)

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x = context[self.onnx_node.input[0]]
        context[self.onnx_node.output[0]] = pixel_shuffle(x, *self.get_nodeattr("BlockSize"))


def pixel_shuffle(x: np.ndarray, rh: int, rw: int) -> np.ndarray:
    """(N, H, W, rh * rw * C) to (N, H * rh, W * rw, C), channel = (dy * rw + dx) * C + c."""
    n, h, w, channels = x.shape
    c = channels // (rh * rw)
    return x.reshape(n, h, w, rh, rw, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * rh, w * rw, c)
