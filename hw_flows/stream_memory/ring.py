# SPDX-License-Identifier: BSD-3-Clause
"""A stream that waits in memory: how its words lie there, and how large its ring must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hw_flows.machine.errors import UserError
from hw_flows.memory_port import BURST, BUS_BITS

#: A row is what the memory's port carries in a cycle.
ROW_BYTES = BUS_BITS // 8
BURST_BYTES = BURST * ROW_BYTES
#: Bursts of the smallest ring and of the largest.
FEWEST, MOST = 2, 1 << 20


def rows_for(word_bits: int, words: int) -> int:
    """Rows that so many words take: of words up to 32 bits several are side by side in a row, of more than 64 each is several rows."""
    if word_bits > BUS_BITS:
        return words * -(-word_bits // BUS_BITS)
    return -(-words // (BUS_BITS // word_bits))


def ring_bytes(word_bits: int, words: int) -> int:
    """The smallest ring that holds so many words, in bytes: a power of two."""
    bursts = max(FEWEST, -(-rows_for(word_bits, words) // BURST))
    return BURST_BYTES << (bursts - 1).bit_length()


def frame_bytes(word_bits: int, words: int) -> int:
    """Bytes of memory that the words of a frame take."""
    return rows_for(word_bits, words) * ROW_BYTES


def ring_words(word_bits: int, size: int) -> int:
    """Words that a ring of `size` bytes holds."""
    rows = size // ROW_BYTES
    return rows // -(-word_bits // BUS_BITS) if word_bits > BUS_BITS else rows * (BUS_BITS // word_bits)


@dataclass(frozen=True)
class Ring:
    """One stream, and its place in memory."""

    name: str
    """For people."""
    word_bits: int
    frame_words: int
    """Words of a frame: what is written and read again for each. It has no influence on what is built."""
    bytes: int
    """Of the ring, a power of two; see `ring_bytes`."""

    def __post_init__(self) -> None:
        bursts = self.bytes // BURST_BYTES
        if self.word_bits < 1 or self.frame_words < 1:
            raise UserError(
                f"{self.frame_words} words of {self.word_bits} bits", f"stream {self.name}", "both are at least 1"
            )
        if self.bytes != bursts * BURST_BYTES or bursts & (bursts - 1) or not FEWEST <= bursts <= MOST:
            raise UserError(
                f"a ring of {self.bytes} bytes",
                f"stream {self.name}",
                f"choose a power of two from {FEWEST * BURST_BYTES} to {MOST * BURST_BYTES}",
            )

    @property
    def bursts(self) -> int:
        return self.bytes // BURST_BYTES

    @property
    def frame_bytes(self) -> int:
        """Written for a frame where all of its words wait in memory; as many are read."""
        return frame_bytes(self.word_bits, self.frame_words)


def lay_out(rings: Sequence[Ring]) -> tuple[list[int], int]:
    """The first burst of each ring, a multiple of its bursts, and the bursts of all: the largest lie first, without gaps."""
    first = [0] * len(rings)
    end = 0
    for number in sorted(range(len(rings)), key=lambda i: -rings[i].bursts):
        first[number] = end
        end += rings[number].bursts
    return first, end
