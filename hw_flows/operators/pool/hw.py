# SPDX-License-Identifier: BSD-3-Clause
"""Max-pool with any windows, and sums over windows: what an average pool is before its scale.

FINN's `Pool` needs a sliding window before it that stores KERNEL_H rows of pixels and repeats each pixel for every window that
it is in. The largest element, and the sum, of a window come from those of its rows; so this operator takes the image itself,
a word a cycle, and keeps partial results alone.
"""

from __future__ import annotations

from math import lcm, prod
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.shared.one_stream import OneStreamOperator


class StreamingPool(OneStreamOperator):
    """Input (1, H, W, C), output (1, OH, OW, C) of largest elements or sums; `PE` channels at a time, a divisor of C.

    Window (y, x) begins at pixel (y * stride - pad) and takes the pixels that are in the image. Sums have a type of their
    own, just wide enough for kh * kw extreme elements. An "average" is the sum times the least common multiple of all windows'
    numbers of pixels over its own, so that it is whole.
    """

    lanes: ClassVar[str] = "PE"

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "Function": ("s", True, "max", {"max", "sum", "average"}),
            "KernelDim": ("ints", True, []),  # [kh, kw]
            "Stride": ("ints", True, []),  # [vertical, horizontal]
            "Pad": ("ints", True, []),  # [top, left]; less than the kernel
            "OutDim": ("ints", True, []),  # [OH, OW]: all windows that begin in the image
        }

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("ImgDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        h, w = self.get_nodeattr("OutDim")
        return (1, h, w, self.get_nodeattr("NumChannels"))

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return self.result_datatype(prod(self.multiples()))

    def multiples(self) -> tuple[int, int]:
        """By how much the rows and the columns of a window of equal elements make more of one."""
        kernel, stride, pad, out, size = (
            list(self.get_nodeattr(a)) for a in ("KernelDim", "Stride", "Pad", "OutDim", "ImgDim")
        )
        if self.get_nodeattr("Function") != "average":
            return kernel[0], kernel[1]
        rows, columns = (lcm(*counted(*axis)) for axis in zip(kernel, stride, pad, out, size, strict=True))
        return rows, columns

    def result_datatype(self, elements: int) -> BaseDataType:
        """The type of the result of so many elements."""
        datatype = self.get_input_datatype()
        return datatype if self.get_nodeattr("Function") == "max" else sum_datatype(datatype, elements)

    def get_outstream_width(self, ind: int = 0) -> int:
        return int(self.get_output_datatype().bitwidth() * self.get_nodeattr(self.lanes))

    def infer_node_datatype(self, model: Any) -> None:
        self.set_nodeattr("inputDataType", model.get_tensor_datatype(self.onnx_node.input[0]).name)
        model.set_tensor_datatype(self.onnx_node.output[0], self.get_output_datatype())

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        kernel, stride, pad, out = (
            tuple(map(int, self.get_nodeattr(a))) for a in ("KernelDim", "Stride", "Pad", "OutDim")
        )
        x = context[self.onnx_node.input[0]]
        function = self.get_nodeattr("Function")
        y = pool(x, kernel, stride, pad, out, function == "max")
        if function == "average":
            rows, columns = (
                multiple // np.array(counted(*axis))
                for multiple, *axis in zip(self.multiples(), kernel, stride, pad, out, x.shape[1:3], strict=True)
            )
            y = (y * rows[:, None, None] * columns[:, None]).astype(x.dtype)
        context[self.onnx_node.output[0]] = y


def counted(kernel: int, stride: int, pad: int, windows: int, size: int) -> list[int]:
    """How many of each window's positions lie on the axis."""
    begins = [window * stride - pad for window in range(windows)]
    return [min(begin + kernel, size) - max(begin, 0) for begin in begins]


def sum_datatype(datatype: BaseDataType, elements: int) -> BaseDataType:
    """The narrowest type of the sum of so many elements."""
    low, high = elements * int(datatype.min()), elements * int(datatype.max())
    return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))


def pool(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pad: tuple[int, ...],
    out: tuple[int, ...],
    largest: bool,
) -> np.ndarray:
    """(N, H, W, C) to (N, OH, OW, C): largest elements or sums of the windows; nothing counts beyond the image."""
    rows, columns = (
        (before, max(0, (windows - 1) * s + k - before - size))
        for before, windows, s, k, size in zip(pad, out, stride, kernel, x.shape[1:3], strict=True)
    )
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)), constant_values=-np.inf if largest else 0)
    found = sliding_window_view(padded, kernel, axis=(1, 2))[:, :: stride[0], :: stride[1]][:, : out[0], : out[1]]
    return found.max(axis=(-2, -1)) if largest else found.sum(axis=(-2, -1))
