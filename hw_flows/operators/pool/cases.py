# SPDX-License-Identifier: BSD-3-Clause
"""Pool: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded


def pool(
    image: list[int],
    kernel: list[int],
    stride: list[int],
    pad: list[int],
    channels: int,
    pe: int,
    datatype: str,
    function: str = "max",
    out: list[int] | None = None,
) -> Case:
    """`pad`: above and on the left; as much below and on the right unless `out` says how many windows there are."""
    if out is None:
        out = [(d + 2 * p - k) // s + 1 for d, k, s, p in zip(image, kernel, stride, pad, strict=True)]
    attributes = {
        "Function": function,
        "ImgDim": image,
        "KernelDim": kernel,
        "Stride": stride,
        "Pad": pad,
        "OutDim": out,
        "NumChannels": channels,
        "PE": pe,
        "inputDataType": datatype,
    }
    return Case("OpenStreamingPool_rtl", attributes)


GRID = [
    pool([8, 6], [3, 3], [2, 2], [1, 1], 4, 2, "INT4"),  # ResNet's
    pool([8, 6], [3, 3], [2, 2], [1, 1], 4, 4, "UINT3"),
    pool([7, 9], [3, 3], [2, 2], [1, 1], 3, 3, "INT5"),  # the last windows reach over the border
    pool([5, 6], [3, 3], [1, 1], [1, 1], 2, 1, "INT3"),
    pool([5, 6], [5, 5], [1, 1], [2, 2], 2, 2, "UINT4"),
    pool([9, 8], [3, 2], [2, 1], [0, 0], 2, 1, "UINT4"),
    pool([7, 9], [2, 2], [2, 2], [0, 0], 2, 2, "INT3", out=[4, 5]),  # ceil_mode
    pool([9, 9], [4, 3], [3, 2], [1, 0], 2, 1, "INT3"),
    pool([6, 7], [2, 2], [3, 3], [0, 0], 3, 1, "UINT2"),  # pixels in no window
    pool([6, 5], [1, 1], [2, 2], [0, 0], 2, 1, "INT4"),
    pool([4, 5], [1, 3], [1, 1], [0, 1], 2, 2, "INT2"),
    pool([5, 4], [3, 1], [2, 1], [1, 0], 2, 1, "BINARY"),
    pool([4, 3], [3, 3], [1, 1], [2, 2], 1, 1, "INT3"),
    pool([1, 1], [3, 3], [1, 1], [1, 1], 2, 1, "INT3"),
    pool([4, 6], [2, 2], [2, 2], [0, 0], 4, 2, "UINT4", "sum"),
    pool([4, 6], [2, 2], [2, 2], [0, 0], 4, 4, "INT4", "sum"),
    pool([5, 6], [3, 3], [1, 1], [1, 1], 2, 1, "INT3", "sum"),
    pool([7, 8], [3, 3], [2, 2], [1, 1], 2, 2, "UINT3", "sum"),
    pool([6, 7], [5, 4], [2, 3], [1, 2], 3, 1, "BINARY", "sum"),
    pool([5, 7], [5, 7], [1, 1], [0, 0], 6, 2, "UINT4", "sum"),  # the whole image
    pool([3, 3], [3, 3], [3, 3], [0, 0], 2, 2, "INT5", "sum"),
    pool([5, 6], [3, 3], [1, 1], [1, 1], 4, 2, "UINT4", "average"),
    pool([7, 8], [3, 3], [2, 2], [1, 1], 2, 2, "INT3", "average"),
    pool([6, 5], [5, 2], [1, 3], [2, 1], 2, 1, "INT4", "average"),
    pool([1, 4], [3, 1], [1, 1], [1, 0], 2, 1, "BINARY", "average"),
    pool([1, 6], [1, 6], [1, 1], [0, 0], 4, 1, "TERNARY", "sum"),
    pool([4, 40], [3, 3], [2, 2], [1, 1], 64, 2, "INT4"),  # partial results in block memory
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"PAD_TOP": 3}, "PAD (3) less than KERNEL"),
    ({"OUT_WIDTH": 2}, "WINDOWS (2) must be all windows in EXTENT (6)"),
    ({"ROW_SUM_BITS": 3}, "SUM_BITS (3) must be at least IN_BITS (4)"),
    ({"OUT_BITS": 5}, "and OUT_BITS (5) unless there is a MULTIPLE"),
    ({"MULTIPLE_H": 6}, "MULTIPLE (6) must be 0 without SUM"),
    ({"SUM": 2}, "SUM (2) must be 0 or 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, pe, bits, kernel, stride, pad, function in (
        (64, 16, 16, 4, 3, 2, 1, "max"),
        (64, 16, 2, 4, 3, 2, 1, "max"),
        (32, 32, 1, 8, 3, 2, 1, "max"),
        (16, 64, 4, 3, 3, 1, 1, "max"),
        (16, 32, 8, 4, 5, 1, 2, "max"),
        (64, 16, 4, 4, 2, 2, 0, "sum"),
        (32, 32, 32, 3, 2, 2, 0, "sum"),
        (32, 32, 2, 4, 3, 1, 1, "sum"),
        (16, 64, 4, 4, 16, 16, 0, "sum"),
        (8, 128, 1, 8, 8, 8, 0, "sum"),
        (32, 32, 4, 4, 3, 1, 1, "average"),
        (32, 16, 8, 4, 3, 2, 1, "average"),
        (16, 32, 2, 8, 5, 1, 2, "average"),
    ):
        image, square = [extent, extent], [kernel, kernel]
        yield pool(image, square, [stride, stride], [pad, pad], channels, pe, f"UINT{bits}", function)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel, stride = ([draw.choice((1, 2, 3, 4)) for _ in range(2)] for _ in range(2))
    image = [draw.choice((1, 2, 3, 4, 5, 7)) for _ in range(2)]
    pad = [draw.randrange(k) for k in kernel]
    # from all that lie in the image to all that begin in it
    out = [
        draw.randint(max(1, -(-(d + p - k + 1) // s)), (d + p - 1) // s + 1)
        for d, k, s, p in zip(image, kernel, stride, pad, strict=True)
    ]
    return pool(
        image,
        kernel,
        stride,
        pad,
        *folded(draw),
        draw.choice(DATA_TYPES),
        draw.choice(("max", "sum", "average")),
        out=out,
    )
