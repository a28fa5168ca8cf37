# SPDX-License-Identifier: BSD-3-Clause
"""A written module without streams of its own as one more operator to synthesize: what reads weights from memory, with the gate at
the accelerator's output."""

from __future__ import annotations

from dataclasses import replace

from hw_flows.accelerator import Instance
from hw_flows.weight_memory.system import MemorySystem
from hw_flows.weight_memory.write import MODULE, SOURCES

NAME, OP_TYPE, LAYER = "weight_reader", "WeightReader", "weights in memory"


def reader_instance(system: MemorySystem) -> Instance:
    """The reader of a system, whose sources are in `rtl/`. It has no streams here: nothing is simulated or linked of it."""
    reads = sum(region.bus_words * region.repeats for region in system.layout.regions)
    sources = (*(source.name for source in SOURCES), f"{MODULE}.sv")
    return replace(
        written_module(NAME, OP_TYPE, MODULE, sources), layer=LAYER, expected_cycles=-(-reads // system.ports)
    )


def written_module(name: str, op_type: str, module: str, sources: tuple[str, ...]) -> Instance:
    """A module whose text has all parameters in it: nothing is simulated or linked of it. `sources`: its own file last."""
    return Instance(
        name=name,
        op_type=op_type,
        module=module,
        parameters={},
        memories=(),
        sources=sources,
        inputs=(),
        outputs=(),
        layer="",
        expected_cycles=0,
        macs=0,
        mac_units=0,
        cost={},
    )
