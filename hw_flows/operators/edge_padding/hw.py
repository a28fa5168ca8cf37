# SPDX-License-Identifier: BSD-3-Clause
"""Padding by the image's own pixels, as ONNX' Pad has it with mode "reflect" or "edge"."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hw_flows.operators.shared.one_stream import OneStreamOperator


class EdgePadding(OneStreamOperator):
    """Input (1, H, W, C), output (1, top + H + bottom, left + W + right, C); `SIMD` elements move at a time.

    With `Reflect` 1 the image is mirrored at its edge, whose pixels are not repeated; else its edge is repeated.
    """

    lanes: ClassVar[str] = "SIMD"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "Padding": ("ints", True, []),  # [top, left, bottom, right]
            "Reflect": ("i", True, 1, {0, 1}),
        }

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        top, left, bottom, right = self.get_nodeattr("Padding")
        return (1, top + h + bottom, left + w + right, self.get_nodeattr("NumChannels"))

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        top, left, bottom, right = self.get_nodeattr("Padding")
        x = context[self.onnx_node.input[0]]
        border = [(0, 0), (top, bottom), (left, right), (0, 0)]
        context[self.onnx_node.output[0]] = np.pad(x, border, "reflect" if self.get_nodeattr("Reflect") else "edge")
