# SPDX-License-Identifier: BSD-3-Clause
"""Max-pool: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded


def max_pool(image: list[int], kernel: list[int], channels: int, pe: int, datatype: str) -> Case:
    return Case(
        "OpenStreamingMaxPool_rtl",
        {"ImgDim": image, "PoolDim": kernel, "NumChannels": channels, "PE": pe, "inputDataType": datatype},
    )


GRID = [
    max_pool([8, 6], [2, 2], 4, 2, "INT4"),
    max_pool([4, 6], [2, 2], 4, 4, "UINT3"),
    max_pool([4, 6], [2, 2], 6, 1, "INT8"),
    max_pool([2, 2], [2, 2], 3, 3, "INT5"),  # one window
    max_pool([6, 9], [3, 3], 3, 1, "BINARY"),
    max_pool([4, 6], [1, 2], 4, 4, "UINT3"),
    max_pool([4, 6], [1, 2], 4, 2, "INT3"),
    max_pool([4, 6], [1, 2], 6, 2, "INT3"),
    max_pool([4, 6], [2, 1], 4, 4, "INT3"),
    max_pool([6, 2], [3, 2], 4, 4, "INT3"),
    max_pool([4, 3], [2, 3], 1, 1, "UINT8"),
    max_pool([4, 2], [2, 1], 1, 1, "INT2"),
    max_pool([2, 2], [1, 1], 4, 2, "INT3"),
    max_pool([4, 40], [2, 2], 64, 2, "INT4"),  # maxima in block memory
    max_pool([4, 6], [2, 2], 36, 36, "TERNARY"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"WIDTH": 7}, "WIDTH (7) must be a multiple of KERNEL_W (2)"),
    ({"IS_SIGNED": 2}, "IS_SIGNED (2) must be 0 or 1"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for extent, channels, pe, bits in (
        (128, 8, 1, 6),
        (64, 16, 2, 4),
        (64, 16, 16, 3),
        (32, 32, 1, 3),
        (16, 64, 4, 2),
        (64, 32, 1, 8),
    ):
        attributes = {
            "ImgDim": [extent, extent],
            "PoolDim": [2, 2],
            "NumChannels": channels,
            "PE": pe,
            "inputDataType": f"UINT{bits}",
        }
        yield Case("OpenStreamingMaxPool_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel = [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    image = [k * draw.choice((1, 2, 3)) for k in kernel]
    return max_pool(image, kernel, *folded(draw), draw.choice(DATA_TYPES))
