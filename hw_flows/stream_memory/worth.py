# SPDX-License-Identifier: BSD-3-Clause
"""Which FIFOs wait in the board's memory, and with how much room.

The room there costs nothing, so it is twice what the FIFO ever holds where none is ever full, at least.
"""

from __future__ import annotations

from collections.abc import Mapping

from hw_flows.operators.fifo.rtl import fifo_luts
from hw_flows.stream_memory.cost import ring_luts
from hw_flows.stream_memory.ring import ring_bytes, ring_words
from hw_flows.stream_memory.write import MOST_STREAMS


def luts_saved(width: int, words: int) -> float:
    """LUTs that a FIFO takes more on the chip, block memory and flip-flops counted as such, than what moves its words does."""
    return fifo_luts(width, words) - ring_luts(width)


def worth_memory(width: Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    """Of FIFOs with words of `width` bits that hold `held` words those, by depth there, that take more of the device on the chip
    than what moves their words to memory and back; the largest where they are too many."""
    saved = {fifo: luts_saved(width[fifo], words) for fifo, words in held.items()}
    worth = sorted((fifo for fifo in held if saved[fifo] > 0), key=lambda fifo: -saved[fifo])[:MOST_STREAMS]
    return {fifo: ring_words(width[fifo], ring_bytes(width[fifo], 2 * held[fifo])) for fifo in held if fifo in worth}
