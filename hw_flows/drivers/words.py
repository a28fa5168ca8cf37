# SPDX-License-Identifier: BSD-3-Clause
"""Integers to the words of an accelerator's streams and back, in the memory layout of the host. numpy only.

A word of w bits holds `lanes` elements of equal width, lane 0 in the lowest bits. Between host and accelerator it lies
in a slot, lowest byte first, of the next power of two of bytes, from 8 to 32 bits; wider words in a multiple of 32 bits.
Bits above the word are 0. (The same layout as Verilator's signals, so simulations read and write it directly.)
"""

from __future__ import annotations

import numpy as np


def slot_bytes(width: int) -> int:
    """Bytes of the slot of a word of `width` bits."""
    for size in (1, 2, 4):
        if width <= 8 * size:
            return size
    return 4 * ((width + 31) // 32)


def pack(values: np.ndarray, bits: int, signed: bool, lanes: int) -> bytes:
    """Slots from integers of any shape in the order of the stream (channels last).

    Raises ValueError where a value is not an integer or does not fit `bits` bits.
    """
    array = np.asarray(values)
    integers = array.astype(np.int64)
    if not np.array_equal(integers, array):
        raise ValueError("a tensor holds values that are not integers")
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if integers.size and (integers.min() < low or integers.max() > high):
        kind = "signed" if signed else "unsigned"
        raise ValueError(f"values {integers.min()}..{integers.max()} do not fit {bits} bits {kind}")
    words = integers.reshape(-1, lanes)
    width = lanes * bits
    shifts = np.arange(bits, dtype=np.int64)
    packed = np.zeros((len(words), slot_bytes(width)), np.uint8)
    chunk = max(1, (1 << 22) // width)
    for start in range(0, len(words), chunk):
        part = words[start : start + chunk]
        single_bits = ((part[:, :, None] >> shifts) & 1).astype(np.uint8).reshape(len(part), width)
        whole = np.packbits(single_bits, axis=1, bitorder="little")
        packed[start : start + chunk, : whole.shape[1]] = whole
    return packed.tobytes()


def unpack(data: bytes, bits: int, signed: bool, lanes: int) -> np.ndarray:
    """Integers (words, lanes), int64, from slots. Raises ValueError where `data` does not hold whole slots."""
    width = lanes * bits
    size = slot_bytes(width)
    if len(data) % size:
        raise ValueError(f"{len(data)} bytes are not whole slots of {size}")
    raw = np.frombuffer(data, np.uint8).reshape(-1, size)
    single_bits = np.unpackbits(raw, axis=1, bitorder="little")[:, :width].reshape(len(raw), lanes, bits)
    values = (single_bits.astype(np.int64) << np.arange(bits, dtype=np.int64)).sum(axis=2)
    if signed:
        values -= (values >> (bits - 1)) << bits
    return np.asarray(values)
