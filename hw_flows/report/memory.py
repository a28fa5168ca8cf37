# SPDX-License-Identifier: BSD-3-Clause
"""What the reports say of weights that came from the board's memory, and of streams that waited there, as simulated."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.memory_system import MemorySystem
from hw_flows.simulate import SimulationResult
from hw_flows.simulate.board_memory import Memory


def memory_traffic(
    system: MemorySystem, memory: Memory, full: SimulationResult, stalled: SimulationResult
) -> dict[str, Any]:
    """`memory` of `report/verification.json`: the model of the memory, and what was seen of it in both runs."""
    runs = [run.memory for run in (full, stalled) if run.memory is not None]
    return {
        "model": asdict(memory),
        "ports": system.ports,
        "bytes_a_frame": system.frame_bytes,
        "bytes_read": sum(run.bytes_read for run in runs),
        "bytes_written": sum(run.bytes_written for run in runs),
        "most_bursts_under_way": list(runs[0].most_outstanding),
        "complaint": next((run.complaint for run in runs if run.complaint), None),
    }


def memory_rate(
    accelerator: Accelerator, system: MemorySystem, run: SimulationResult, clock_mhz: float
) -> dict[str, Any]:
    """Fields of `report/performance.json`: what is read and written for a frame, how fast (MB/s, 10^6 bytes), and which units waited
    for weights.

    A unit waits in a cycle in which it could take a word of its weights and there is none; it may still be at work with those
    before.
    """
    assert run.memory is not None
    waits = [
        {
            "layer": region.name,
            "cycles_a_frame": round(run.memory.wanted[name] / run.frames),
            "longest": run.memory.longest_wanted[name],
        }
        for region, name in zip(system.layout.regions, accelerator.memory, strict=True)
    ]
    return {
        "dram_mb_s": round(system.frame_bytes / run.cycles_per_frame * clock_mhz, 2),
        "dram_bytes_a_frame": system.frame_bytes,
        "dram_ports": system.ports,
        "streams_in_memory": {ring.name: ring.bytes for ring in system.rings},
        "waits_for_weights": waits,
    }


def slowed_by_memory(run: SimulationResult, cycles: float) -> bool:
    """Whether a unit waited for weights for as long as a frame takes longer than the `cycles` without any waiting."""
    if run.memory is None:
        return False
    return max(run.memory.wanted.values()) / run.frames >= run.cycles_per_frame - cycles
