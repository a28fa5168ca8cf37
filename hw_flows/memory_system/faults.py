# SPDX-License-Identifier: BSD-3-Clause
"""What the system's `status_o` says of what went wrong in memory.

Bits as `weight_memory/write.py` has them; 3:2 of the streams that wait in memory: 0 nothing, or 1 + the place in FAULTS of
`stream_memory/faults.py`. 31:16 is then the stream's number, unless a layer's weights are at fault, too.
"""

from __future__ import annotations

from hw_flows.memory_system.description import MemorySystem
from hw_flows.stream_memory import faults as of_streams
from hw_flows.weight_memory import faults as of_weights

STREAM_FAULT_BIT, STREAM_FAULT_BITS = 2, 2
NUMBER_BIT = 16


def fault_of(status: int, system: MemorySystem) -> str | None:
    """What went wrong first, and in which layer's weights or skip connection; None where nothing did."""
    weights = of_weights.fault_of(status, system.layout)
    code = status >> STREAM_FAULT_BIT & (1 << STREAM_FAULT_BITS) - 1
    if weights or not code:
        return weights
    number = status >> NUMBER_BIT
    name = system.rings[number].name if number < len(system.rings) else f"number {number}, which is not there"
    return f"the words of {name} that wait in memory are lost: {of_streams.FAULTS[code - 1]}"
