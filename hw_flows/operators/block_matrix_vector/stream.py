# SPDX-License-Identifier: BSD-3-Clause
"""What a block matrix-vector unit reads from memory for each block of rows: weights and thresholds, in the order of their use.

    for each group of PE outputs:
        for each word of the window (kernel row, kernel column unless these are parallel, word of the pixel):
            up to `rows_before` rows of thresholds, until all `steps` of the group have come
            a word of weights

A word of weights holds, lowest first, for each of the PE outputs the weights of SIMD elements: of the kernel's columns from
left to right where these are parallel, of each the lanes of a word. A row holds a threshold of each output; rows come in the
order of the bisection: the middle one, those in the middle of the two halves, and so on. Both are two's complement, least
significant bit first, and begin on a new word of the stream.

The sums that thresholds are compared with are not a convolution's, but too large by the same number for all pixels (what
products in LUTs are off, see `booth_error`, and 1 for each pass); the thresholds in the stream make up for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.matrix_vector.booth import booth_error, chain_length


@dataclass(frozen=True)
class Layout:
    """Sizes of a stream. `kernel`: rows and columns; `fold` words of `lanes` elements make a pixel of the image."""

    kernel: tuple[int, int]
    fold: int
    lanes: int
    parallel_columns: bool
    outputs: int
    pe: int
    weight_bits: int
    sum_bits: int
    """Bits, two's complement, of every sum that the unit can come to, of a number above them all, and of a threshold."""
    step_bits: int
    """2**step_bits - 1 thresholds an output."""
    chain: int
    """Products in a chain of adders, 0 where they are in DSP slices."""
    stream_bytes: int
    """Bytes of a word of the stream."""

    @property
    def columns(self) -> int:
        return self.kernel[1] if self.parallel_columns else 1

    @property
    def simd(self) -> int:
        return self.lanes * self.columns

    @property
    def passes(self) -> int:
        """Words of weights of a group."""
        return self.kernel[0] * self.kernel[1] // self.columns * self.fold

    @property
    def groups(self) -> int:
        return self.outputs // self.pe

    @property
    def steps(self) -> int:
        return (1 << self.step_bits) - 1

    @property
    def rows_before(self) -> int:
        return -(-self.steps // self.passes)

    @property
    def tile_words(self) -> int:
        return -(-self.pe * self.simd * self.weight_bits // (8 * self.stream_bytes))

    @property
    def row_words(self) -> int:
        return -(-self.pe * self.sum_bits // (8 * self.stream_bytes))

    @property
    def block_words(self) -> int:
        """Words of the stream for a block."""
        return self.groups * (self.passes * self.tile_words + self.steps * self.row_words)

    @property
    def block_bytes(self) -> int:
        return self.block_words * self.stream_bytes

    def rows_of_pass(self, number: int) -> int:
        """Rows of thresholds before the word of weights `number` of a group."""
        return max(0, min(self.rows_before, self.steps - number * self.rows_before))

    def passes_by_rows(self) -> list[tuple[int, int]]:
        """(rows of thresholds, passes of a group that have so many before them)."""
        whole, rest = divmod(self.steps, self.rows_before)
        counts = [(self.rows_before, whole), (rest, int(rest > 0)), (0, self.passes - whole - (rest > 0))]
        return [(rows, count) for rows, count in counts if count]

    def bisection(self) -> np.ndarray:
        """For each row, which of the sorted thresholds it holds."""
        ranks = [
            (2 * i + 1) * (1 << (self.step_bits - 1 - k)) - 1 for k in range(self.step_bits) for i in range(1 << k)
        ]
        return np.array(ranks)

    def excess(self, weights: np.ndarray) -> np.ndarray:
        """By how much each output's sums are too large. `weights`: (groups, passes, pe, simd)."""
        error = np.zeros(weights.shape, np.int64)
        if self.chain:
            leads = np.broadcast_to(np.arange(self.simd) % self.chain == 0, weights.shape)
            error = booth_error(weights, self.weight_bits, leads)
        return np.asarray(error.sum(axis=(1, 3)).ravel() + self.passes)

    def tiles(self, weights: np.ndarray) -> np.ndarray:
        """(outputs, kernel rows, kernel columns, channels) as (groups, passes, pe, simd)."""
        kh, kw = self.kernel
        split = weights.reshape(self.groups, self.pe, kh, kw // self.columns, self.columns, self.fold, self.lanes)
        ordered = split.transpose(0, 2, 3, 5, 1, 4, 6)
        return ordered.reshape(self.groups, self.passes, self.pe, self.simd)

    def kernels(self, tiles: np.ndarray) -> np.ndarray:
        """The inverse of `tiles`."""
        kh, kw = self.kernel
        split = tiles.reshape(self.groups, kh, kw // self.columns, self.fold, self.pe, self.columns, self.lanes)
        return split.transpose(0, 4, 1, 2, 5, 3, 6).reshape(self.outputs, kh, kw, self.fold * self.lanes)


def layout_of(attribute: Callable[[str], Any]) -> Layout:
    """The layout by a node's attributes (`hw.py`)."""
    return _layout(
        tuple(map(int, attribute("KernelDim"))),
        *(int(attribute(name)) for name in ("NumChannels", "SIMD", "ParallelColumns", "MH", "PE")),
        *(attribute(f"{name}DataType") for name in ("input", "weight", "acc")),
        in_dsp=attribute("resType") == "dsp",
        step_bits=int(attribute("numSteps")).bit_length(),
        stream_bytes=int(attribute("StreamBytes")),
    )


@lru_cache(maxsize=1 << 16)
def _layout(
    kernel: tuple[int, int],
    channels: int,
    simd: int,
    parallel: int,
    outputs: int,
    pe: int,
    data: str,
    weight: str,
    total: str,
    *,
    in_dsp: bool,
    step_bits: int,
    stream_bytes: int,
) -> Layout:
    kh, kw = kernel
    bits = max(2, int(DataType[weight].bitwidth()) + (0 if DataType[weight].signed() else 1))
    chain = 0 if in_dsp else chain_length(simd, bits)
    lanes, window = simd // (kw if parallel else 1), kh * kw * channels
    low, high = _range_of_sums(data, weight, total, window, bits, bool(chain))
    high += window // simd + 1
    return Layout(
        kernel=(kh, kw),
        fold=channels // lanes,
        lanes=lanes,
        parallel_columns=bool(parallel),
        outputs=outputs,
        pe=pe,
        weight_bits=bits,
        sum_bits=max((~low if low < 0 else low).bit_length(), high.bit_length()) + 1,
        step_bits=step_bits,
        chain=chain,
        stream_bytes=stream_bytes,
    )


@lru_cache(maxsize=1 << 10)
def _range_of_sums(data: str, weight: str, total: str, window: int, bits: int, in_chains: bool) -> tuple[int, int]:
    """Of `window` products, with what products in LUTs are off."""
    factors = [[int(DataType[name].min()), int(DataType[name].max())] for name in (data, weight)]
    products = [a * b for a in factors[0] for b in factors[1]]
    low = max(int(DataType[total].min()), window * min(products))
    high = min(int(DataType[total].max()), window * max(products))
    if in_chains:
        values = np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
        errors = [booth_error(values, bits, np.full(values.shape, leads)) for leads in (False, True)]
        low += window * min(int(e.min()) for e in errors)
        high += window * max(int(e.max()) for e in errors)
    return low, high


def pack(layout: Layout, weights: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """The bytes for a block. `weights`: (outputs, kernel rows, kernel columns, channels); `thresholds`: (outputs, at most
    `layout.steps`), rising; one above all sums is never reached."""
    tiles = layout.tiles(np.asarray(weights, np.int64))
    never, lowest = (1 << (layout.sum_bits - 1)) - 1, -(1 << (layout.sum_bits - 1))
    shifted = np.ceil(thresholds).astype(np.int64) + layout.excess(tiles)[:, None]
    filled = np.pad(shifted, ((0, 0), (0, layout.steps - shifted.shape[1])), constant_values=never)
    ordered = np.clip(filled, lowest, never)[:, layout.bisection()]
    rows = ordered.reshape(layout.groups, layout.pe, layout.steps).transpose(0, 2, 1)
    row_bits = _bits(rows, layout.sum_bits, layout.row_words * 8 * layout.stream_bytes)
    tile_bits = _bits(
        tiles.reshape(layout.groups, layout.passes, -1),
        layout.weight_bits,
        layout.tile_words * 8 * layout.stream_bytes,
    )
    parts = [bits[group, item] for group, bits, item in _order(layout, row_bits, tile_bits)]
    return np.packbits(np.concatenate(parts), bitorder="little")


def unpack(layout: Layout, stream: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and thresholds of a block's bytes, as `pack` takes them; the thresholds all `layout.steps`."""
    bits = np.unpackbits(np.asarray(stream, np.uint8), bitorder="little")
    row_size, tile_size = (n * 8 * layout.stream_bytes for n in (layout.row_words, layout.tile_words))
    row_bits = np.zeros((layout.groups, layout.steps, row_size), np.uint8)
    tile_bits = np.zeros((layout.groups, layout.passes, tile_size), np.uint8)
    at = 0
    for group, target, item in _order(layout, row_bits, tile_bits):
        target[group, item] = bits[at : at + target.shape[2]]
        at += target.shape[2]
    tiles = _numbers(tile_bits, layout.weight_bits, layout.pe * layout.simd)
    tiles = tiles.reshape(layout.groups, layout.passes, layout.pe, layout.simd)
    rows = _numbers(row_bits, layout.sum_bits, layout.pe).transpose(0, 2, 1).reshape(layout.outputs, layout.steps)
    thresholds = np.zeros_like(rows)
    thresholds[:, layout.bisection()] = rows
    return layout.kernels(tiles), thresholds - layout.excess(tiles)[:, None]


def _order(layout: Layout, rows: np.ndarray, tiles: np.ndarray) -> Iterator[tuple[int, np.ndarray, int]]:
    """(group, `rows` or `tiles`, which of the group's) in the order of the stream."""
    for group in range(layout.groups):
        row = 0
        for number in range(layout.passes):
            for _ in range(layout.rows_of_pass(number)):
                yield group, rows, row
                row += 1
            yield group, tiles, number


def _bits(values: np.ndarray, bits: int, size: int) -> np.ndarray:
    """The last axis, numbers of `bits` bits, as `size` single bits, zeros at the end."""
    single = (values[..., None] >> np.arange(bits) & 1).astype(np.uint8).reshape(*values.shape[:-1], -1)
    return np.pad(single, [(0, 0)] * (single.ndim - 1) + [(0, size - single.shape[-1])])


def _numbers(single: np.ndarray, bits: int, count: int) -> np.ndarray:
    """The inverse of `_bits`, for `count` numbers in two's complement."""
    split = single[..., : count * bits].reshape(*single.shape[:-1], count, bits).astype(np.int64)
    values = (split << np.arange(bits)).sum(-1)
    return np.asarray(values - (split[..., -1] << bits))
