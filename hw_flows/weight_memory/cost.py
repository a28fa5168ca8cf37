# SPDX-License-Identifier: BSD-3-Clause
"""What reading weights from memory takes of a device; figures of `benchmarks/weight_reader.py`, streams of 64 bits."""

from __future__ import annotations

from math import ceil

from hw_flows.operators.base import Cost
from hw_flows.weight_memory.ports import MOST_PORTS

#: Bytes that a port of 64 bits brings a cycle: all but the heads of regions and the memory's pauses.
PORT_BYTES = 8 * 0.9


def ports_for(bytes_per_cycle: float) -> int:
    """Ports that carry so much, at most MOST_PORTS."""
    return min(MOST_PORTS, max(1, ceil(bytes_per_cycle / PORT_BYTES)))


def reader_cost(bytes_per_cycle: float, layers: int) -> Cost:
    """Of the reader with the gate, for so many layers."""
    ports = ports_for(bytes_per_cycle)
    return Cost(lut=300 * ports + 20 * layers, ff=500 * ports + 55 * layers, lutram=50 * ports, bram36=2 * ports)
