# SPDX-License-Identifier: BSD-3-Clause
"""Max-pool over windows that do not overlap.

FINN's `Pool` needs a sliding window before it that stores whole rows of pixels; where stride equals kernel, one row
of running maxima is enough, so this operator takes the image itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hw_flows.operators.shared.one_stream import OneStreamOperator


class StreamingMaxPool(OneStreamOperator):
    """Input (1, H, W, C), output (1, H / kh, W / kw, C); kh divides H, kw divides W, stride equals kernel.

    `PE` channels are compared at a time; it divides C.
    """

    lanes: ClassVar[str] = "PE"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {**super().get_nodeattr_types(), "PoolDim": ("ints", True, [])}  # [kh, kw]

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        kh, kw = self.get_nodeattr("PoolDim")
        return (1, h // kh, w // kw, self.get_nodeattr("NumChannels"))

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x = context[self.onnx_node.input[0]]
        context[self.onnx_node.output[0]] = max_pool(x, *self.get_nodeattr("PoolDim"))


def max_pool(x: np.ndarray, kh: int, kw: int) -> np.ndarray:
    """(N, H, W, C) to (N, H / kh, W / kw, C)."""
    n, h, w, c = x.shape
    return x.reshape(n, h // kh, kh, w // kw, kw, c).max(axis=(2, 4))
