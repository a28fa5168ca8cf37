# SPDX-License-Identifier: BSD-3-Clause
"""What the page tells of one operator when it is chosen in the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hw_flows.accelerator import Accelerator, Instance, Stream
from hw_flows.operators.names import finn_name
from hw_flows.report.drawing.figures import Figures
from hw_flows.report.drawing.graph import MOVERS
from hw_flows.report.format import percent, quantity


def operator_details(figures: Figures, resources: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One entry an operator that the drawing shows: its number there, its names, and rows of label and text."""
    sized = {row["name"]: row for row in (resources or {}).get("operators", [])}
    return [
        {
            "number": figures.number[instance.name],
            "own": figures.names.operator(instance.name),
            "name": instance.name,
            "type": finn_name(instance.op_type),
            "slowest": instance.name == figures.bottleneck,
            "rows": list(_rows(instance, figures, sized.get(instance.name))),
        }
        for instance in figures.accelerator.instances
        if instance.role not in MOVERS
    ]


def _rows(instance: Instance, figures: Figures, sized: Mapping[str, Any] | None) -> Any:
    accelerator = figures.accelerator
    yield "RTL", f"rtl/{instance.module}.sv"
    yield (
        "Cycles a frame",
        f"{quantity(instance.expected_cycles)}, {percent(figures.busy(instance.name))} of a frame's time",
    )
    if instance.mac_units:
        yield "Products", f"{quantity(instance.macs)} a frame, {quantity(instance.mac_units)} a cycle"
    for label, ports in (("In", instance.inputs), ("Out", instance.outputs)):
        for name in (name for port in ports for name in port.streams):
            yield label, _stream(accelerator.stream(name))
    for name in (name for port in instance.inputs for name in port.streams):
        if fifos := _fifos_before(accelerator, accelerator.stream(name)):
            yield "FIFO before", figures.held(fifos) or ", ".join(fifos)
    if sized:
        taken = (f"{quantity(sized[key])} {key}" for key in ("LUT", "FF", "LUTRAM", "BRAM36", "DSP") if sized.get(key))
        yield "Takes", ", ".join(taken)
    yield "Parameters", ", ".join(f"{key} {value}" for key, value in instance.parameters.items())


def _stream(stream: Stream) -> str:
    sign = "signed" if stream.element.signed else "unsigned"
    shape = " × ".join(map(str, stream.shape[1:]))
    return f"{shape}, {stream.element.bits} bit {sign}, {stream.lanes} a word"


def _fifos_before(accelerator: Accelerator, stream: Stream) -> tuple[str, ...]:
    found: list[str] = []
    seen = {stream.name}
    while stream.source.instance:
        source = accelerator.instance(stream.source.instance)
        if source.role not in MOVERS:
            break
        if source.is_fifo:
            found.append(source.name)
        stream = accelerator.stream(source.inputs[0].streams[0])
        if stream.name in seen:
            break
        seen.add(stream.name)
    return tuple(reversed(found))
