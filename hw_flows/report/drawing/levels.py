# SPDX-License-Identifier: BSD-3-Clause
"""At which level a layer stands, and on which side: down on the left, at the bottom, up on the right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hw_flows.report.drawing.graph import Graph, Layer

#: Feature maps from which a pool makes a single pixel without being a gate: the bottom of a U of small images.
SMALL = 4


class Side(Enum):
    """Before, at or behind the smallest feature maps."""

    DOWN = "down"
    BOTTOM = "bottom"
    UP = "up"


@dataclass(frozen=True)
class Place:
    """Level 0 has the largest feature maps."""

    level: int
    side: Side


def places(graph: Graph) -> tuple[dict[str, Place], list[tuple[int, int]]]:
    """The place of each layer by its name, and the sizes of the levels.

    What has a single pixel, such as a gate of channels, stands at the level of what it serves.
    """
    sizes = _served_sizes(graph)
    levels = sorted(set(sizes.values()), key=lambda size: (-size[0] * size[1], size))
    level = {name: levels.index(size) for name, size in sizes.items()}
    deepest = len(levels) - 1
    turned = False
    found = {}
    for layer in graph.layers:
        at = level[layer.name]
        turned = turned or at == deepest
        side = Side.BOTTOM if at == deepest else (Side.UP if turned else Side.DOWN)
        found[layer.name] = Place(at, side)
    return found, levels


def _served_sizes(graph: Graph) -> dict[str, tuple[int, int]]:
    behind: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for link in graph.links:
        behind.setdefault(link.source, []).append(link.sink)
        before.setdefault(link.sink, []).append(link.source)
    sizes = {layer.name: layer.size for layer in graph.layers}
    for layers, neighbours in ((reversed(graph.layers), behind), (iter(graph.layers), before)):
        for layer in layers:
            if _is_point(layer, sizes):
                near = [sizes[n] for n in neighbours.get(layer.name, []) if n in sizes and sizes[n] != (1, 1)]
                served = max(near, default=(1, 1))
                if max(served) > SMALL:
                    sizes[layer.name] = served
    return sizes


def _is_point(layer: Layer, sizes: dict[str, tuple[int, int]]) -> bool:
    return sizes[layer.name] == (1, 1)
