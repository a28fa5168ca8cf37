# SPDX-License-Identifier: BSD-3-Clause
"""Choice and cost of the memory behind `qu_simple_dual_port_ram.sv`."""

from __future__ import annotations

from hw_flows.operators.base import Cost
from hw_flows.operators.memory import bank_luts, block_luts, prefers_block, ram_luts, ramb18


def use_block_memory(depth: int, width: int) -> bool:
    """True where block memory is the better bargain for `depth` words of `width` bits."""
    return prefers_block(ram_luts(depth, width) + bank_luts(depth, width), ramb18(depth, width))


def memory_cost(depth: int, width: int, block: bool) -> Cost:
    """Cost of the memory with its output register, which block memory has inside."""
    if block:
        return Cost(lut=block_luts(depth, width), bram36=ramb18(depth, width) / 2)
    return Cost(lut=bank_luts(depth, width), ff=width, lutram=ram_luts(depth, width))
