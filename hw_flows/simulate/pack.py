# SPDX-License-Identifier: BSD-3-Clause
"""Integer tensors to stream words in the simulator's memory layout, and back.

A word of w bits lies little-endian in 1, 2, 4 or 8 bytes for w <= 8, 16, 32, 64, else in ceil(w / 32) 4-byte words:
Verilator's own layout, so that the harness compares with memcmp.
"""

from __future__ import annotations

import numpy as np

from hw_flows.accelerator import Element, Stream


def bytes_per_word(width: int) -> int:
    """Bytes that Verilator uses for a signal of `width` bits."""
    for size in (1, 2, 4, 8):
        if width <= 8 * size:
            return size
    return 4 * ((width + 31) // 32)


def pack(tensor: np.ndarray, element: Element, lanes: int) -> bytes:
    """Words of `lanes` elements, lane 0 in the lowest bits, from integers of any shape in stream order.

    Raises ValueError where a value is not an integer or does not fit the element.
    """
    values = np.asarray(tensor)
    integers = values.astype(np.int64)
    if not np.array_equal(integers, values):
        raise ValueError("a tensor holds values that are not integers")
    if integers.size and (integers.min() < element.minimum or integers.max() > element.maximum):
        raise ValueError(
            f"values {integers.min()}..{integers.max()} do not fit {element.bits} bits "
            f"{'signed' if element.signed else 'unsigned'}"
        )
    words = integers.reshape(-1, lanes)
    width = lanes * element.bits
    size = bytes_per_word(width)
    shifts = np.arange(element.bits, dtype=np.int64)
    chunk = max(1, (1 << 22) // max(1, width))
    packed = np.zeros((len(words), size), np.uint8)
    for start in range(0, len(words), chunk):
        part = words[start : start + chunk]
        bits = ((part[:, :, None] >> shifts) & 1).astype(np.uint8).reshape(len(part), width)
        packed_bits = np.packbits(bits, axis=1, bitorder="little")
        packed[start : start + chunk, : packed_bits.shape[1]] = packed_bits
    return packed.tobytes()


def unpack(data: bytes, element: Element, lanes: int) -> np.ndarray:
    """Integers (words, lanes), int64, from words in the simulator's layout."""
    width = lanes * element.bits
    size = bytes_per_word(width)
    raw = np.frombuffer(data, np.uint8).reshape(-1, size)
    bits = np.unpackbits(raw, axis=1, bitorder="little")[:, :width].reshape(len(raw), lanes, element.bits)
    values = (bits.astype(np.int64) << np.arange(element.bits, dtype=np.int64)).sum(axis=2)
    if element.signed:
        values -= (values >> (element.bits - 1)) << element.bits
    return values


def pack_stream(tensor: np.ndarray, stream: Stream) -> bytes:
    """Words of a stream for frames (frames, *shape)."""
    return pack(tensor, stream.element, stream.lanes)
