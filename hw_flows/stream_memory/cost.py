# SPDX-License-Identifier: BSD-3-Clause
"""What streams that wait in memory take of a 7-series device; figures of `benchmarks/stream_memory.py`."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from hw_flows.memory_port import BUS_BITS
from hw_flows.operators.base import Cost

#: Bits that four LUTs hold 32 of (RAM32M).
_RAM_BITS, _RAM_LUTS = 6, 4


def rings_cost(word_bits: Sequence[int]) -> Cost:
    """Of streams with words of so many bits, and their port; buffers of 32 rows."""
    return sum(map(_stream_cost, word_bits), Cost(lut=10, ff=205))


def ring_luts(word_bits: int) -> float:
    """One more stream as LUTs, flip-flops at a quarter of one, to compare with what a FIFO on the chip takes."""
    cost = _stream_cost(word_bits)
    return cost.lut + cost.lutram + cost.ff / 4


def _stream_cost(word_bits: int) -> Cost:
    rows = ceil(word_bits / BUS_BITS)
    lanes = 1 if rows > 1 else BUS_BITS // word_bits
    row_bits = ceil(word_bits / rows) if rows > 1 else lanes * word_bits
    lutram = 2 * _RAM_LUTS * ceil(row_bits / _RAM_BITS)
    # Words and rows: a register on each side of what is wider.
    regrouped = max(rows * row_bits, lanes * word_bits) if rows > 1 or lanes > 1 else 0
    return Cost(
        lut=lutram + row_bits + min(regrouped, BUS_BITS) + (165 if regrouped else 143),
        ff=86 + 2 * regrouped,
        lutram=lutram,
    )
