# SPDX-License-Identifier: BSD-3-Clause
"""Sliding window: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded


def window(
    image: list[int],
    kernel: list[int],
    stride: list[int],
    channels: int,
    simd: int,
    datatype: str,
    dilation: tuple[int, int] = (1, 1),
    /,
    **more: Any,
) -> Case:
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    out = [(d - r) // s + 1 if s else 0 for d, r, s in zip(image, reach, stride, strict=True)]
    attributes = {
        "IFMDim": image,
        "OFMDim": out,
        "ConvKernelDim": kernel,
        "Stride": stride,
        "Dilation": list(dilation),
        "IFMChannels": channels,
        "SIMD": simd,
        "inputDataType": datatype,
        "outputDataType": datatype,
    }
    return Case("OpenConvolutionInputGenerator_rtl", {**attributes, **more})


SERIAL = [
    window([10, 8], [3, 3], [1, 1], 4, 2, "UINT3"),
    window([6, 7], [3, 3], [1, 1], 4, 4, "INT5", ram_style="block"),
    window([6, 7], [3, 3], [1, 1], 4, 1, "INT5", ram_style="distributed"),
    window([3, 3], [3, 3], [1, 1], 4, 2, "UINT7"),  # one window
    window([3, 5], [1, 1], [1, 1], 4, 4, "UINT7"),
    window([5, 9], [1, 3], [1, 1], 4, 2, "BINARY"),
    window([9, 5], [5, 1], [1, 1], 4, 2, "INT6"),
    window([7, 6], [2, 3], [1, 1], 3, 1, "INT2"),
    window([8, 8], [2, 2], [2, 2], 2, 1, "UINT4"),
    window([8, 8], [3, 3], [2, 2], 2, 2, "INT4"),  # the last row and column are in no window
    window([9, 8], [3, 2], [4, 3], 2, 1, "INT4"),
    window([6, 9], [1, 1], [2, 2], 4, 2, "UINT7"),
    window([7, 6], [2, 3], [2, 1], 3, 1, "INT2"),
    window([20, 19], [3, 3], [1, 1], 40, 8, "UINT4"),  # long enough for a buffer that is no power of two
    window([5, 34], [3, 3], [1, 1], 30, 30, "INT3"),
    window([10, 9], [3, 3], [1, 1], 4, 2, "UINT3", (2, 2)),
    window([9, 8], [3, 3], [1, 1], 2, 2, "INT4", (4, 3)),
    window([9, 8], [2, 3], [2, 2], 4, 1, "UINT2", (3, 1)),
    window([6, 12], [1, 3], [1, 2], 4, 2, "UINT2", (1, 4)),
    window([5, 5], [3, 3], [1, 1], 3, 1, "INT3", (2, 2)),  # one window
]
PARALLEL = [
    window(image, kernel, stride, channels, channels, datatype, parallel_window=1, **style)
    for image, kernel, stride, channels, datatype, style in (
        ([10, 8], [3, 3], [1, 1], 4, "UINT3", {}),
        ([6, 7], [3, 3], [1, 1], 4, "INT5", {"ram_style": "block"}),
        ([3, 3], [3, 3], [1, 1], 4, "UINT7", {}),  # one window
        ([3, 5], [1, 1], [1, 1], 4, "UINT7", {}),
        ([5, 9], [1, 3], [1, 1], 4, "BINARY", {}),
        ([9, 5], [5, 1], [1, 1], 4, "INT6", {}),
        ([7, 6], [2, 3], [1, 1], 3, "INT2", {}),
        ([8, 8], [3, 3], [2, 2], 2, "INT4", {}),  # the last row and column are in no window
        ([9, 8], [3, 2], [4, 3], 2, "INT4", {}),
        ([7, 6], [2, 3], [2, 1], 3, "INT2", {}),
        ([9, 12], [2, 2], [1, 4], 3, "UINT2", {}),
    )
]

GRID = [*SERIAL, *PARALLEL]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"KERNEL_H": 11}, "KERNEL_H (11) and KERNEL_W (3)"),
    ({"DEPTH": 38}, "DEPTH (38) must be more than the span of a window (38)"),
    ({"STRIDE_W": 0}, "STRIDE_H and STRIDE_W must be at least 1"),
    ({"DILATION_W": 4}, "must be at least 1 and, dilated, fit HEIGHT (10) and WIDTH (8)"),
    ({"DILATION_H": 0}, "DILATION_H and DILATION_W must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for size, channels, simd, bits, parallel in (
        (130, 1, 1, 8, 0),
        (130, 8, 1, 4, 0),
        (66, 16, 2, 4, 0),
        (66, 32, 8, 3, 0),
        (34, 32, 4, 5, 0),
        (18, 64, 2, 3, 0),
        (18, 128, 8, 2, 0),
        (10, 64, 16, 3, 0),
        (10, 128, 1, 2, 0),
        (34, 16, 1, 8, 0),
        (130, 1, 1, 8, 1),
        (130, 8, 8, 4, 1),
        (130, 16, 16, 4, 1),
        (66, 4, 4, 5, 1),
        (34, 8, 8, 2, 1),
    ):
        out = size - 2
        attributes = {
            "IFMDim": [size, size],
            "OFMDim": [out, out],
            "ConvKernelDim": [3, 3],
            "Stride": [1, 1],
            "Dilation": [1, 1],
            "IFMChannels": channels,
            "SIMD": simd,
            "inputDataType": f"UINT{bits}",
            "outputDataType": f"UINT{bits}",
            "parallel_window": parallel,
        }
        yield Case("OpenConvolutionInputGenerator_rtl", attributes)
    for size, channels, simd, bits, dilation in ((40, 16, 2, 4, 4), (24, 32, 8, 4, 2), (76, 8, 1, 3, 6)):
        yield window([size, size], [3, 3], [1, 1], channels, simd, f"UINT{bits}", (dilation, dilation))


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel, stride = [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))], [draw.choice((1, 1, 2, 3)) for _ in range(2)]
    parallel = draw.choice((0, 1))
    dilation = (1, 1) if parallel else (draw.choice((1, 1, 2, 3)), draw.choice((1, 1, 2, 3)))
    image = [(k - 1) * d + 1 + draw.choice((0, 1, 2, 3, 4)) for k, d in zip(kernel, dilation, strict=True)]
    channels, lanes = folded(draw)
    lanes = channels if parallel else lanes
    style = draw.choice(("block", "distributed"))
    datatype = draw.choice(DATA_TYPES)
    return window(image, kernel, stride, channels, lanes, datatype, dilation, parallel_window=parallel, ram_style=style)
