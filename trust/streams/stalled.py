# SPDX-License-Identifier: BSD-3-Clause
"""An accelerator with a random stall before every operator: what happens inside does not depend on the outside alone."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from hw_flows.accelerator import Accelerator, Endpoint, Instance, Stream, StreamPort
from hw_flows.stitch import write_top

GATE = Path(__file__).with_name("random_stall.sv")


def with_stalls(accelerator: Accelerator, rtl: Path, folder: Path) -> Accelerator:
    """Write the design to `folder` with one more module on every stream that ends at an operator.

    The streams keep their names and what they carry; behind each stands its stalled copy, `<stream>_stalled`.
    """
    gates = {s.name: f"stall_{s.name}" for s in accelerator.streams if s.sink.instance}
    streams: list[Stream] = []
    instances: list[Instance] = []
    for number, stream in enumerate(accelerator.streams):
        gate = gates.get(stream.name)
        if gate is None:
            streams.append(stream)
            continue
        copy = dataclasses.replace(stream, name=f"{stream.name}_stalled", source=Endpoint(gate, 0))
        streams += [dataclasses.replace(stream, sink=Endpoint(gate, 0)), copy]
        instances.append(_gate(gate, stream, copy, number + 1))
    for instance in accelerator.instances:
        inputs = tuple(
            StreamPort(port.prefix, tuple(f"{name}_stalled" if name in gates else name for name in port.streams))
            for port in instance.inputs
        )
        instances.append(dataclasses.replace(instance, inputs=inputs))
    *sources, top = accelerator.sources
    stalled = dataclasses.replace(
        accelerator, instances=tuple(instances), streams=tuple(streams), sources=(*sources, GATE.name, top)
    )
    shutil.copytree(rtl, folder)
    shutil.copyfile(GATE, folder / GATE.name)
    write_top(stalled, folder)
    return stalled


def _gate(name: str, before: Stream, behind: Stream, seed: int) -> Instance:
    return Instance(
        name=name,
        op_type="RandomStall",
        module=GATE.stem,
        parameters={"WIDTH": before.width, "SEED": seed},
        memories=(),
        sources=(GATE.name,),
        inputs=(StreamPort("s_axis", (before.name,)),),
        outputs=(StreamPort("m_axis", (behind.name,)),),
        layer="",
        expected_cycles=before.words,
        macs=0,
        mac_units=0,
        cost={},
    )
