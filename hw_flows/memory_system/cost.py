# SPDX-License-Identifier: BSD-3-Clause
"""What stands beside an accelerator on the board's memory, by name, and what that is predicted to take."""

from __future__ import annotations

from hw_flows.accelerator import Accelerator
from hw_flows.operators.base import Cost
from hw_flows.stream_memory.cost import rings_cost
from hw_flows.weight_memory.cost import reader_cost

READER, KEEPER = "weight_reader", "stream_keeper"


def cost_beside(accelerator: Accelerator) -> dict[str, Cost]:
    """Of what reads the weights, and of what keeps streams; empty where the accelerator has all itself."""
    if not accelerator.memory:
        return {}
    streams = [accelerator.stream(name) for name in accelerator.memory]
    interval = max(instance.expected_cycles for instance in accelerator.instances)
    bytes_per_cycle = sum(stream.words * stream.width for stream in streams) / 8 / interval
    found = {READER: reader_cost(bytes_per_cycle, len(streams))}
    if accelerator.rings:
        found[KEEPER] = rings_cost([ring.parameters["WORD_BITS"] for ring in accelerator.rings])
    return found
