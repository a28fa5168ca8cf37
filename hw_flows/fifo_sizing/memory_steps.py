# SPDX-License-Identifier: BSD-3-Clause
"""What FIFOs cost, and the depths at which they cost less."""

from __future__ import annotations

from hw_flows.operators.fifo.rtl import fifo_cost, fifo_luts, fifo_style

LEAST_DEPTH = 2
#: Memory, in LUTs, below which no other depth is tried.
WORTH_A_TRIAL = 32


def free_depth(width: int, depth: int) -> int:
    """The largest depth that takes not one LUT or block more than `depth`."""
    cost = fifo_cost(width, depth, fifo_style(width, depth))

    def same(candidate: int) -> bool:
        other = fifo_cost(width, candidate, fifo_style(width, candidate))
        return other.lut + other.lutram <= cost.lut + cost.lutram and other.bram36 <= cost.bram36

    step = 1
    while same(depth + step):
        step *= 2
    low, high = depth, depth + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if same(middle) else (low, middle)
    return low


def memory_steps(width: int, most: int) -> list[int]:
    """Ascending depths up to `most`: the largest of each step of memory that saves WORTH_A_TRIAL against the next."""
    steps = []
    depth = LEAST_DEPTH
    while depth < most:
        depth = min(free_depth(width, depth), most)
        steps.append(depth)
        depth += 1
    steps = steps or [most]
    if steps[-1] != most:
        steps.append(most)
    kept: list[int] = []
    for step in reversed(steps):
        if not kept or fifo_luts(width, step) <= fifo_luts(width, kept[-1]) - WORTH_A_TRIAL:
            kept.append(step)
    return kept[::-1]
