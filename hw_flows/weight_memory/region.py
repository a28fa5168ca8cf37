# SPDX-License-Identifier: BSD-3-Clause
"""A region of the memory: one layer's stream for a block, so that hardware can tell whether it is the right one, and whole.

64-bit little-endian words:

    0     {number of the stream: 16 bits, identity of the image: 48 bits}
    1     what makes the check sum of the whole region 0 (`check_sum.py`)
    2...  the words of the stream in a row, without gaps, lowest bit first; zeros up to the end of the last word

A region begins on a block (`BLOCK_BYTES`), and zeros that nobody reads fill its last one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hw_flows.machine.errors import UserError
from hw_flows.memory_port import BURST, BUS_BITS
from hw_flows.weight_memory.check_sum import balancing_word, remainder
from hw_flows.weight_memory.words import Bits

WORD_BYTES = BUS_BITS // 8
BLOCK_BYTES = BURST * WORD_BYTES
HEAD_WORDS = 2
IDENTITY_BITS = 48
MOST_STREAMS = 1 << 16


def region_words(words: int, word_bits: int) -> int:
    """64-bit words that are read of a region of `words` words of a stream."""
    return HEAD_WORDS + -(-words * word_bits // (8 * WORD_BYTES))


def pack_region(stream: Bits, number: int, identity: int) -> bytes:
    """A region with its head, filled up to a whole block. `stream`: see `words.py`, at least one word."""
    if not 0 <= number < MOST_STREAMS or identity >> IDENTITY_BITS:
        raise ValueError("a stream's number has 16 bits, an identity 48")
    if stream.size == 0:
        raise ValueError("a region has at least one word")
    packed = np.packbits(stream.reshape(-1), bitorder="little").tobytes()
    body = packed + bytes(-len(packed) % WORD_BYTES)
    first = number << IDENTITY_BITS | identity
    behind = len(body) // WORD_BYTES
    balance = balancing_word(remainder([first, 0, *_words(body)]), behind)
    region = first.to_bytes(WORD_BYTES, "little") + balance.to_bytes(WORD_BYTES, "little") + body
    return region + bytes(-len(region) % BLOCK_BYTES)


def unpack_region(data: bytes, words: int, word_bits: int, number: int, identity: int) -> Bits:
    """The stream in a region, its inverse, checked as hardware does.

    Raises UserError where it is too short, another stream's or image's, or does not agree with its check sum.
    """
    size = region_words(words, word_bits) * WORD_BYTES
    where = f"region {number}"
    again = "write the image again"
    if len(data) < size:
        raise UserError(f"the region ends after {len(data)} of {size} bytes", where, again)
    first = int.from_bytes(data[:WORD_BYTES], "little")
    if first != number << IDENTITY_BITS | identity:
        raise UserError("the region is another layer's, or of another network", where, again)
    if remainder(_words(data[:size])) != 0:
        raise UserError("the region is damaged: its check sum is wrong", where, again)
    single = np.unpackbits(np.frombuffer(data[HEAD_WORDS * WORD_BYTES : size], np.uint8), bitorder="little")
    return single[: words * word_bits].reshape(words, word_bits)


def _words(data: bytes) -> list[int]:
    array: NDArray[np.uint64] = np.frombuffer(data, "<u8")
    return list(map(int, array))
