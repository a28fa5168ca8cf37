# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle (depth to space): the second half of a transposed convolution whose kernel equals its stride.

FINN lowers a transposed convolution to zero insertion and a dense convolution, which for a 2x2 kernel of stride 2
multiplies three zeros in four. A matrix product of (C_in, rh * rw * C) followed by this shuffle computes the same
without them (W. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hw_flows.operators.shared.one_stream import OneStreamOperator


class PixelShuffle(OneStreamOperator):
    """Input (1, H, W, rh * rw * C), channel = (dy * rw + dx) * C + c; output (1, H * rh, W * rw, C).

    Output pixel (y * rh + dy, x * rw + dx), channel c is input pixel (y, x), channel (dy * rw + dx) * C + c.
    `SIMD` elements move at a time; it divides C.
    """

    lanes: ClassVar[str] = "SIMD"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {**super().get_nodeattr_types(), "BlockSize": ("ints", True, [2, 2])}  # [rh, rw]

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        rh, rw = self.get_nodeattr("BlockSize")
        return (1, h, w, rh * rw * self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        rh, rw = self.get_nodeattr("BlockSize")
        return (1, h * rh, w * rw, self.get_nodeattr("NumChannels"))

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x = context[self.onnx_node.input[0]]
        context[self.onnx_node.output[0]] = pixel_shuffle(x, *self.get_nodeattr("BlockSize"))


def pixel_shuffle(x: np.ndarray, rh: int, rw: int) -> np.ndarray:
    """(N, H, W, rh * rw * C) to (N, H * rh, W * rw, C), channel = (dy * rw + dx) * C + c."""
    n, h, w, channels = x.shape
    c = channels // (rh * rw)
    return x.reshape(n, h, w, rh, rw, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * rh, w * rw, c)
