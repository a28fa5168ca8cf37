# SPDX-License-Identifier: BSD-3-Clause
"""The part of an image between two rows and two columns.

FINN's own `Crop` tells no type of its output, so that whatever follows it is taken for floats.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hw_flows.operators.shared.one_stream import OneStreamOperator


class ImageCrop(OneStreamOperator):
    """Input (1, H, W, C), output (1, H - top - bottom, W - left - right, C); `SIMD` elements move at a time."""

    lanes: ClassVar[str] = "SIMD"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {**super().get_nodeattr_types(), "Cropping": ("ints", True, [])}  # [top, left, bottom, right]

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        top, left, bottom, right = self.get_nodeattr("Cropping")
        return (1, h - top - bottom, w - left - right, self.get_nodeattr("NumChannels"))

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x = context[self.onnx_node.input[0]]
        context[self.onnx_node.output[0]] = crop(x, *self.get_nodeattr("Cropping"))


def crop(x: np.ndarray, top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """(N, H, W, C) to (N, H - top - bottom, W - left - right, C)."""
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]
