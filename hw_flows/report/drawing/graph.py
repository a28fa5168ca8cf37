# SPDX-License-Identifier: BSD-3-Clause
"""The accelerator as people think of it: layers of operators, and links between them that FIFOs are a part of."""

from __future__ import annotations

from dataclasses import dataclass

from hw_flows.accelerator import Accelerator, Instance, Role, Stream

#: What stands on a link, not in a layer.
MOVERS = (Role.FIFO, Role.CONVERTER)
OUTSIDE = ""


@dataclass(frozen=True)
class Layer:
    """One layer of the network with its operators in the order of the dataflow."""

    name: str
    """As reports know it: the instance with its products."""
    operators: tuple[Instance, ...]
    size: tuple[int, int]
    """Height and width of the feature maps that it makes."""
    channels: tuple[int, int]
    """Into and out of it."""
    matrix: Instance | None
    """The instance with its products."""


@dataclass(frozen=True)
class Link:
    """The way from one layer to another, or from or to the outside (""), and the FIFOs on it."""

    source: str
    sink: str
    fifos: tuple[str, ...]
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """All layers in the order of the dataflow, and the links between different ones."""

    layers: tuple[Layer, ...]
    links: tuple[Link, ...]


def graph_of(accelerator: Accelerator) -> Graph:
    """Layers and links of an accelerator."""
    ways = _ways(accelerator)
    home = _homes(accelerator, ways)
    members: dict[str, list[Instance]] = {}
    for instance in accelerator.instances:
        if instance.role not in MOVERS:
            members.setdefault(home[instance.name], []).append(instance)
    layers = [_layer(accelerator, name, found) for name, found in members.items()]
    position = {instance.name: number for number, instance in enumerate(accelerator.instances)}
    layers.sort(key=lambda layer: position[(layer.matrix or layer.operators[-1]).name])
    links = []
    for source, sink, way in ways:
        ends = (home.get(source, OUTSIDE), home.get(sink, OUTSIDE))
        if ends[0] != ends[1]:
            links.append(Link(*ends, tuple(n for n in way.movers if accelerator.instance(n).is_fifo), way.streams))
    return Graph(tuple(layers), tuple(links))


def homes(accelerator: Accelerator) -> dict[str, str]:
    """The layer that each instance is shown in."""
    return _homes(accelerator, _ways(accelerator))


@dataclass(frozen=True)
class _Way:
    movers: tuple[str, ...]
    streams: tuple[str, ...]


def _ways(accelerator: Accelerator) -> list[tuple[str, str, _Way]]:
    """From operator to operator through what only moves words; weights have none."""
    instances = {i.name: i for i in accelerator.instances}
    streams = {s.name: s for s in accelerator.streams}
    found = []
    for stream in accelerator.streams:
        source = instances.get(stream.source.instance)
        if stream.name in accelerator.memory or (source is not None and source.role in MOVERS):
            continue
        movers, passed, current = [], [stream.name], stream
        while (sink := instances.get(current.sink.instance)) is not None and sink.role in MOVERS:
            movers.append(sink.name)
            current = streams[sink.outputs[0].streams[0]]
            if current.name in passed:
                break
            passed.append(current.name)
        found.append((stream.source.instance, current.sink.instance, _Way(tuple(movers), tuple(passed))))
    return found


def _homes(accelerator: Accelerator, ways: list[tuple[str, str, _Way]]) -> dict[str, str]:
    """The layer of each operator: that of its products where both have one name in the network; a fork belongs where its words
    were made."""
    named: dict[str, list[str]] = {}
    for instance in accelerator.instances:
        if instance.role is Role.MATRIX and instance.network_layer:
            named.setdefault(instance.network_layer, []).append(instance.name)
    home = {}
    for instance in accelerator.instances:
        same = named.get(instance.network_layer, [])
        home[instance.name] = same[0] if len(same) == 1 else instance.layer
    makers = {sink: source for source, sink, _ in ways}
    for instance in accelerator.instances:
        if instance.role is Role.FORK:
            home[instance.name] = _maker_of_fork(accelerator, instance.name, makers, home)
    return home


def _maker_of_fork(accelerator: Accelerator, fork: str, makers: dict[str, str], home: dict[str, str]) -> str:
    name, seen = fork, {fork}
    while (maker := makers.get(name, OUTSIDE)) != OUTSIDE and maker not in seen:
        if accelerator.instance(maker).role is not Role.FORK:
            return home[maker]
        seen.add(maker)
        name = maker
    return home[fork]


def _layer(accelerator: Accelerator, name: str, operators: list[Instance]) -> Layer:
    matrix = next((o for o in operators if o.role is Role.MATRIX and o.name == name), None)
    matrix = matrix or next((o for o in operators if o.role is Role.MATRIX), None)
    main = matrix or operators[-1]
    made = _stream(accelerator, main.outputs[0].streams[0])
    taken = _stream(accelerator, operators[0].inputs[0].streams[0])
    last = next((o for o in reversed(operators) if o.role is not Role.FORK), main)
    given = _stream(accelerator, last.outputs[0].streams[0])
    return Layer(name, tuple(operators), size_of(made), (taken.shape[-1], given.shape[-1]), matrix)


def _stream(accelerator: Accelerator, name: str) -> Stream:
    return accelerator.stream(name)


def size_of(stream: Stream) -> tuple[int, int]:
    """Height and width of the tensor on a stream; 1 where it has none."""
    return (stream.shape[1], stream.shape[2]) if len(stream.shape) == 4 else (1, 1)
