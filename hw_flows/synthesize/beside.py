# SPDX-License-Identifier: BSD-3-Clause
"""What stands beside the accelerator on a board's memory, each as one more operator to synthesize: what reads its weights, with the
gate at its output, and what keeps streams."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from hw_flows.accelerator import Instance
from hw_flows.memory_system import MemorySystem
from hw_flows.memory_system.cost import KEEPER, READER
from hw_flows.stream_memory import write as streams
from hw_flows.weight_memory import write as weights


def beside(system: MemorySystem) -> tuple[Instance, ...]:
    """The written modules of a system, whose sources are in `rtl/`. They have no streams here: nothing is simulated or linked of
    them."""
    reads = sum(region.bus_words * region.repeats for region in system.layout.regions)
    reader = written_module(READER, "WeightReader", weights.MODULE, _sources(weights))
    found = [replace(reader, layer="weights in memory", expected_cycles=-(-reads // system.readers))]
    if system.rings:
        keeper = written_module(KEEPER, "StreamKeeper", streams.MODULE, _sources(streams))
        words = max(ring.frame_words for ring in system.rings)
        found.append(replace(keeper, layer="skip connections in memory", expected_cycles=words))
    return tuple(found)


def _sources(module: ModuleType) -> tuple[str, ...]:
    return (*(source.name for source in module.SOURCES), f"{module.MODULE}.sv")


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
