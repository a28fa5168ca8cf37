# SPDX-License-Identifier: BSD-3-Clause
"""From a layer's integers to the words of its stream, and back.

A stream's words are rows of single bits, uint8 of shape (words, bits of a word), the lowest bit first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hw_flows.machine.errors import UserError

Bits = NDArray[np.uint8]
Integers = NDArray[np.int64]
#: Which elements of the flat array a word of weights ("tile") holds: (tiles, elements of a tile), or what gives it for a shape.
Order = NDArray[np.integer] | Callable[[tuple[int, ...]], NDArray[np.integer]]


def pack_tiles(values: NDArray[np.integer], bits: int, order: Order, word_bits: int, *, signed: bool = True) -> Bits:
    """Tiles of integers as words of a stream: each tile begins on a new word, its first element lowest, zeros at its end.

    `values`: any shape, of `bits` bits (1 to 62), two's complement where `signed`.
    Raises UserError where a value has more bits, or `order` names an element that is not there.
    """
    flat = np.asarray(values, np.int64).ravel()
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if flat.size and (flat.min() < low or flat.max() > high):
        where = int(np.flatnonzero((flat < low) | (flat > high))[0])
        raise UserError(
            f"element {where} is {flat[where]}, outside {low} to {high}", f"weights of {bits} bits", "give more bits"
        )
    tiles = flat[_indices(order, np.shape(values))]
    single = (tiles[:, :, None] >> np.arange(bits) & 1).astype(np.uint8).reshape(len(tiles), -1)
    words = -(-single.shape[1] // word_bits)
    padded = np.pad(single, ((0, 0), (0, words * word_bits - single.shape[1])))
    return padded.reshape(-1, word_bits)


def words_of(data: NDArray[np.uint8], word_bits: int) -> Bits:
    """Bytes, lowest bit first, as words of a stream. Raises UserError where they are not whole words."""
    single = np.unpackbits(np.asarray(data, np.uint8), bitorder="little")
    if single.size % word_bits:
        raise UserError(
            f"{data.size} bytes are no words of {word_bits} bits", "weights in memory", "choose another width"
        )
    return single.reshape(-1, word_bits)


def unpack_tiles(
    words: Bits, bits: int, order: Order, shape: tuple[int, ...], *, signed: bool = True
) -> NDArray[np.int64]:
    """The inverse of `pack_tiles`; elements that are in no tile are 0. Raises UserError where the words are not as many."""
    indices = _indices(order, shape)
    tiles, elements = indices.shape
    size = -(-elements * bits // words.shape[1]) * words.shape[1]
    if words.size != tiles * size:
        raise UserError(
            f"there are {words.size} bits, not {tiles * size}",
            f"{tiles} tiles of {elements} elements",
            "see their order",
        )
    single = words.reshape(tiles, size)[:, : elements * bits].reshape(tiles, elements, bits).astype(np.int64)
    values = (single << np.arange(bits)).sum(-1)
    if signed:
        values -= single[:, :, -1] << bits
    flat = np.zeros(int(np.prod(shape)), np.int64)
    flat[indices] = values
    return flat.reshape(shape)


def _indices(order: Order, shape: tuple[int, ...]) -> NDArray[np.integer]:
    indices = order(shape) if callable(order) else order
    size = int(np.prod(shape))
    if indices.ndim != 2 or indices.size == 0 or indices.min() < 0 or indices.max() >= size:
        raise UserError(
            "the order of the weights names elements that are not there",
            f"weights of shape {shape}",
            "correct the order",
        )
    return indices
