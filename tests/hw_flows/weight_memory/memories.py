# SPDX-License-Identifier: BSD-3-Clause
"""Memories to test against."""

from __future__ import annotations

from hw_flows.simulate.board_memory import Memory

#: Late, slow, often busy, and taking few bursts at a time.
ROUGH = Memory(
    latency=5,
    jitter=30.0,
    latency_limit=150,
    accepts=3,
    bytes_per_cycle=11.0,
    refresh_interval=90,
    refresh=12,
    stall=0.2,
)
