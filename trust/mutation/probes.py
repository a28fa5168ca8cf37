# SPDX-License-Identifier: BSD-3-Clause
"""Random small configurations of every operator that no test knows.

A mutant that is the original's design in every tested configuration is equivalent only if it also is in these: otherwise the
tests lack a configuration. Sizes of 1 and 2 are drawn often, where most formulas have their borders.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from trust.mutation.bench import tests_of

COUNT = 16
_DATA = ("BINARY", "UINT2", "INT3", "UINT4", "INT5")


def probes(operator: str) -> list[Any]:
    """The same configurations at every call."""
    draw = random.Random(operator)
    return [_DRAWS[operator](draw) for _ in range(COUNT)]


def _size(draw: random.Random) -> int:
    return draw.choice((1, 1, 2, 2, 3, 4, 5))


def _folded(draw: random.Random) -> tuple[int, int]:
    """Channels, and how many of them make a word."""
    lanes, fold = draw.choice((1, 2, 3)), _size(draw)
    return lanes * fold, lanes


def _padding(draw: random.Random) -> Any:
    image, amounts = [_size(draw), _size(draw)], [draw.choice((0, 0, 1, 2)) for _ in range(4)]
    return tests_of("test_padding").padding(image, amounts, *_folded(draw), draw.choice(_DATA))


def _sliding_window(draw: random.Random) -> Any:
    kernel, stride = [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))], [draw.choice((1, 1, 2, 3)) for _ in range(2)]
    image = [k + draw.choice((0, 1, 2, 3, 4)) for k in kernel]
    channels, lanes = _folded(draw)
    parallel = draw.choice((0, 1))
    lanes = channels if parallel else lanes
    style = draw.choice(("block", "distributed"))
    return tests_of("test_sliding_window").window(
        image, kernel, stride, channels, lanes, draw.choice(_DATA), parallel_window=parallel, ram_style=style
    )


def _max_pool(draw: random.Random) -> Any:
    kernel = [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    image = [k * draw.choice((1, 2, 3)) for k in kernel]
    return tests_of("test_max_pool").max_pool(image, kernel, *_folded(draw), draw.choice(_DATA))


def _upsample(draw: random.Random) -> Any:
    image, factors = [_size(draw), _size(draw)], [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    return tests_of("test_upsample").upsample(image, factors, *_folded(draw), draw.choice(_DATA))


def _pixel_shuffle(draw: random.Random) -> Any:
    image, block = [_size(draw), _size(draw)], [draw.choice((1, 2, 3)), draw.choice((1, 2, 3))]
    return tests_of("test_pixel_shuffle").shuffle(image, block, *_folded(draw), draw.choice(_DATA))


def _fork(draw: random.Random) -> Any:
    return tests_of("test_fork").fork(
        [1, 2, _size(draw)], *_folded(draw), draw.choice((1, 2, 3, 4)), draw.choice(_DATA)
    )


def _concat(draw: random.Random) -> Any:
    lanes = draw.choice((1, 2, 3))
    channels = [lanes * _size(draw), lanes * _size(draw)]
    return tests_of("test_concat").concat(
        [1, 2, _size(draw)], channels, lanes, [draw.choice(_DATA), draw.choice(_DATA)]
    )


def _fifo(draw: random.Random) -> Any:
    depth, style = draw.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 64)), draw.choice(("srl", "distributed", "block"))
    return tests_of("test_fifo").fifo(depth, draw.choice((1, 2)), draw.choice(_DATA), style)


def _width_converter(draw: random.Random) -> Any:
    before, after = draw.choice((1, 2, 3, 4, 5, 6)), draw.choice((1, 2, 3, 4, 5, 6))
    return tests_of("test_width_converter").converter(before, after, draw.choice(_DATA), (1, 2, 60))


def _thresholding(draw: random.Random) -> Any:
    data = draw.choice(("UINT1", "INT2", "UINT3", "INT6", "UINT9", "INT15", "INT17", "UINT18", "INT20"))
    steps = draw.choice((1, 2, 3, 7, 9))
    return tests_of("test_thresholding").thresholding(
        *_folded(draw), data, steps, output="UINT4", shape=(1, 2, _size(draw)), ram_style=draw.choice(("auto", "block"))
    )


def _matrix_vector(draw: random.Random) -> Any:
    simd, pe = draw.choice((1, 2, 3, 4, 5, 7)), draw.choice((1, 2))
    return tests_of("test_matrix_vector").matrix_vector(
        simd * draw.choice((1, 1, 2, 3)), pe * draw.choice((1, 1, 2, 3)), simd, pe, draw.choice(("UINT1", "UINT3", "INT4", "UINT5")),
        draw.choice(("INT2", "INT3", "INT4", "INT5")), vectors=(1, _size(draw)), resType=draw.choice(("lut", "dsp")),
        ram_style=draw.choice(("auto", "block")),
    )  # fmt: skip


_DRAWS: dict[str, Callable[[random.Random], Any]] = {
    "qu_padding": _padding,
    "qu_sliding_window": _sliding_window,
    "qu_max_pool": _max_pool,
    "qu_upsample": _upsample,
    "qu_pixel_shuffle": _pixel_shuffle,
    "qu_fork_stream": _fork,
    "qu_concat": _concat,
    "qu_fifo": _fifo,
    "qu_width_converter": _width_converter,
    "qu_thresholding": _thresholding,
    "qu_matrix_vector": _matrix_vector,
}
