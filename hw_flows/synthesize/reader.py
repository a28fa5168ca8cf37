# SPDX-License-Identifier: BSD-3-Clause
"""What reads weights from memory, with the gate at the accelerator's output, as one more operator to synthesize."""

from __future__ import annotations

from hw_flows.accelerator import Instance
from hw_flows.weight_memory.system import MemorySystem
from hw_flows.weight_memory.write import MODULE, SOURCES

NAME, OP_TYPE, LAYER = "weight_reader", "WeightReader", "weights in memory"


def reader_instance(system: MemorySystem) -> Instance:
    """The reader of a system, whose sources are in `rtl/`. It has no streams here: nothing is simulated or linked of it."""
    reads = sum(region.bus_words * region.repeats for region in system.layout.regions)
    return Instance(
        name=NAME,
        op_type=OP_TYPE,
        module=MODULE,
        parameters={},
        memories=(),
        sources=(*(source.name for source in SOURCES), f"{MODULE}.sv"),
        inputs=(),
        outputs=(),
        layer=LAYER,
        expected_cycles=-(-reads // system.ports),
        macs=0,
        mac_units=0,
        cost={},
    )
