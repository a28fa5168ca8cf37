"""Which memory a buffer lies in, and what it costs: `simple_dual_port_ram` on 7-series devices.

Figures: distributed memory takes 4 LUTs for 32 words of 6 bits or 64 words of 3 bits (RAM32M, RAM64M; Xilinx UG474)
and multiplexers beyond 64 words; block memory comes in halves of a RAMB36 (Xilinx UG473).
"""

from __future__ import annotations

import math
from pathlib import Path

from hw_flows.operators.base import Cost

LOOP_COUNTER = Path(__file__).with_name("loop_counter.sv")
SIMPLE_DUAL_PORT_RAM = Path(__file__).with_name("simple_dual_port_ram.sv")

#: LUTs that are worth giving up for half a RAMB36: an XC7Z020 has 190 LUTs for each, 62 of them usable as memory.
LUTS_PER_RAMB18 = 100
#: (words, bits) of a RAMB18 as simple dual port memory.
RAMB18_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))


def use_block_memory(depth: int, width: int) -> bool:
    """True where block memory is the better bargain for `depth` words of `width` bits."""
    return distributed_luts(depth, width) > LUTS_PER_RAMB18 * ramb18(depth, width)


def distributed_luts(depth: int, width: int) -> int:
    """LUTs of distributed memory with its multiplexers; at least the memory LUTs of `lutram`."""
    banks = math.ceil(depth / 64)
    multiplexers = 0 if banks == 1 else width * math.ceil((banks - 1) / 3)
    return lutram(depth, width) + multiplexers


def lutram(depth: int, width: int) -> int:
    """LUTs used as memory."""
    if depth <= 32:
        return 4 * math.ceil(width / 6)
    return 4 * math.ceil(width / 3) * math.ceil(depth / 64)


def ramb18(depth: int, width: int) -> int:
    """Halves of a RAMB36, with the best of its shapes."""
    return min(math.ceil(depth / words) * math.ceil(width / bits) for words, bits in RAMB18_SHAPES)


def memory_cost(depth: int, width: int, block: bool) -> Cost:
    """Cost of the memory with its output register."""
    if block:
        return Cost(bram36=ramb18(depth, width) / 2)
    return Cost(lut=distributed_luts(depth, width), ff=width, lutram=lutram(depth, width))
