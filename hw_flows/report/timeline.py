# SPDX-License-Identifier: BSD-3-Clause
"""`report/timeline.json`, when the first frame passed every stream of the simulated accelerator, and how the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hw_flows.accelerator import Accelerator
from hw_flows.report.drawing.graph import OUTSIDE, Layer, Link, graph_of
from hw_flows.report.names import OwnNames

if TYPE_CHECKING:
    from hw_flows.simulate import SimulationResult

#: Lines at the starts of later frames, at most.
MOST_MARKS = 12


def timeline_report(accelerator: Accelerator, run: SimulationResult) -> dict[str, Any]:
    """Fields of `report/timeline.json`: cycles since the first word of the first frame entered, of its first and last word on each
    stream; frames follow it as fast as the accelerator takes them. Streams of weights are left out."""
    start = run.frame_start[0]
    return {
        "frame": 0,
        "cycles": run.latency_cycles,
        "cycles_per_frame": run.cycles_per_frame,
        "streams": {
            stream.name: [cycle - start for cycle in run.first_frame[stream.name]]
            for stream in accelerator.streams
            if stream.name in run.first_frame and stream.name not in accelerator.memory
        },
    }


@dataclass(frozen=True)
class Row:
    """One layer, or what a skip connection holds. Cycles of its first word in, its first out and its last out."""

    name: str
    skip: bool
    begin: int
    out: int
    end: int


@dataclass(frozen=True)
class Timeline:
    """What the page shows of a frame's way, with cycles as shares of `cycles` by `share`."""

    rows: tuple[Row, ...]
    cycles: int
    marks: tuple[int, ...]
    """When later frames are due."""

    def share(self, cycle: int) -> float:
        """In percent, from 0 to 100."""
        return round(max(0.0, min(100.0, 100 * cycle / max(self.cycles, 1))), 3)


def timeline_of(accelerator: Accelerator | None, names: OwnNames, report: Mapping[str, Any] | None) -> Timeline | None:
    """Rows in the order of the dataflow; None where no frame was simulated."""
    if accelerator is None or report is None:
        return None
    spans: Mapping[str, list[int]] = report["streams"]
    graph = graph_of(accelerator)
    rows = [row for layer in graph.layers if (row := _layer(layer, names, spans)) is not None]
    rows += [row for link in graph.links if (row := _skip(link, names, spans)) is not None]
    interval = report["cycles_per_frame"]
    count = report["cycles"] // interval if interval else 0
    marks = range(1, count + 1) if count <= MOST_MARKS and interval < report["cycles"] else range(0)
    return Timeline(tuple(rows), report["cycles"], tuple(interval * number for number in marks))


def _layer(layer: Layer, names: OwnNames, spans: Mapping[str, list[int]]) -> Row | None:
    inside = {name for operator in layer.operators for port in operator.outputs for name in port.streams}
    taken = {name for operator in layer.operators for port in operator.inputs for name in port.streams}
    into = [spans[name] for name in taken - inside if name in spans]
    last = [spans[name] for port in layer.operators[-1].outputs for name in port.streams if name in spans]
    if not into or not last:
        return None
    begin = min(first for first, _ in into)
    return Row(names.layer(layer.name), False, begin, min(f for f, _ in last), max(end for _, end in last))


def _skip(link: Link, names: OwnNames, spans: Mapping[str, list[int]]) -> Row | None:
    """A link whose words wait for longer than they need to pass."""
    known = [spans[name] for name in link.streams if name in spans]
    if OUTSIDE in (link.source, link.sink) or not link.fifos or len(known) < 2:
        return None
    (begin, last_in), (out, end) = known[0], known[-1]
    if out - begin < _least_wait(last_in - begin):
        return None
    return Row(f"{names.layer(link.source)} → {names.layer(link.sink)}", True, begin, out, end)


def _least_wait(cycles: int) -> float:
    """A tenth of the time in which the words came: FIFOs on the straight way hold them for less."""
    return max(16, 0.1 * cycles)
