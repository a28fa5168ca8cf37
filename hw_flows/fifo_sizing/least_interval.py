# SPDX-License-Identifier: BSD-3-Clause
"""The least cycles per frame that FIFOs of any depth allow, exactly.

With FIFOs that never fill, nothing holds back what stands before a FIFO, and what stands behind it waits for words alone.
So the design is as fast as the slowest of its parts between FIFOs, each run on its own with words always offered and
always taken: the greatest cycle mean over the strongly connected components of its event graph (Baccelli et al.,
Synchronization and Linearity, 1992, theorem 3.28). A FIFO of given depth binds the parts at its ends together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hw_flows.accelerator import Accelerator, Endpoint, Stream
from hw_flows.fifo_sizing.timing_model import FrameTiming, TimingModel
from hw_flows.machine.errors import UserError

#: Frames of a depth that never fills while a part is timed on its own.
_FRAMES = 8


@dataclass(frozen=True)
class Bottleneck:
    """Operators with no FIFO of free depth between them."""

    instances: tuple[str, ...]
    cycles_per_frame: Fraction


def least_interval(accelerator: Accelerator, fixed: Mapping[str, int] | None = None) -> Bottleneck:
    """The slowest part of the design, `fixed` being FIFO depths by instance. Raises UserError where they stop it."""
    fixed = fixed or {}
    parts = [_time(accelerator, names, fixed) for names in parts_between(accelerator, fixed)]
    slowest = max(parts, key=lambda part: part.cycles_per_frame)
    # a stream moves one word a cycle at most
    widest = max(accelerator.streams, key=lambda s: s.words)
    if widest.words > slowest.cycles_per_frame:
        ends = (widest.source.instance, widest.sink.instance)
        return Bottleneck(tuple(name for name in ends if name), Fraction(widest.words))
    return slowest


def parts_between(accelerator: Accelerator, fixed: Mapping[str, int]) -> list[list[str]]:
    """Names of the instances of each part between FIFOs of free depth, all but those in `fixed`, in the order of the design."""
    number = {instance.name: i for i, instance in enumerate(accelerator.instances)}
    edges: list[tuple[int, int]] = []
    free = {i.name for i in accelerator.instances if i.is_fifo and i.name not in fixed}
    for stream in accelerator.streams:
        source, sink = stream.source.instance, stream.sink.instance
        if not source or not sink:
            continue
        edges.append((number[source], number[sink]))
        if not free & {source, sink}:
            edges.append((number[sink], number[source]))
    rows, columns = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(number), len(number)))
    _, labels = connected_components(graph, directed=True, connection="strong")
    parts: dict[int, list[str]] = {}
    for name, i in number.items():
        parts.setdefault(int(labels[i]), []).append(name)
    return [names for names in parts.values() if not free.issuperset(names)]


def _time(accelerator: Accelerator, names: list[str], fixed: Mapping[str, int]) -> Bottleneck:
    part = alone(accelerator, set(names))
    model = TimingModel(part)
    words = {n: part.stream(i.inputs[0].streams[0]).words for n, i in model.fifos.items()}
    depths = {n: fixed.get(n, _FRAMES * words[n]) for n in model.fifos}
    run = model.steady(depths)
    if run.deadlock is not None:
        raise UserError(
            f"the design stops with the given depths, whatever the others: {run.deadlock}",
            "FIFO depths",
            "give deeper FIFOs in the folding configuration, or none",
        )
    return Bottleneck(tuple(names), run.cycles_per_frame or _late(run))


def _late(run: FrameTiming) -> Fraction:
    """Where FIFOs of free depth in a part keep its state from coming back: the longest of its last frames."""
    return Fraction(max(later - earlier for earlier, later in pairwise(run.frame_end[-5:])))


def alone(accelerator: Accelerator, names: set[str]) -> Accelerator:
    """The design of those instances alone; what it shares with others comes from and goes to the outside."""
    outside = Endpoint("", 0)
    streams: list[Stream] = []
    inputs: list[str] = []
    outputs: list[str] = []
    memory: list[str] = []
    for stream in accelerator.streams:
        within = (stream.source.instance in names, stream.sink.instance in names)
        if within == (False, True):
            (memory if stream.name in accelerator.memory else inputs).append(stream.name)
            streams.append(replace(stream, source=outside))
        elif within == (True, False):
            outputs.append(stream.name)
            streams.append(replace(stream, sink=outside))
        elif all(within):
            streams.append(stream)
    instances = tuple(i for i in accelerator.instances if i.name in names)
    return replace(
        accelerator,
        instances=instances,
        streams=tuple(streams),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        memory=tuple(memory),
    )
