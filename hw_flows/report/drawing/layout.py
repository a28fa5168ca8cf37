# SPDX-License-Identifier: BSD-3-Clause
"""Where boxes and links stand: a level a band, the way down on the left, the way up on the right, the bottom in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from hw_flows.report.drawing.graph import OUTSIDE, Graph, Link
from hw_flows.report.drawing.levels import Place, Side, places


@dataclass(frozen=True)
class Sheet:
    """Sizes of a drawing, in pixels."""

    width: int
    box_width: int
    box_height: int
    gap: int
    """Between boxes."""
    indent: int
    """At most, of a level against the one above."""
    margin: int
    """Left and right, for links that pass boxes by."""
    band_gap: int
    """Above each level, for its size and what its skip connections hold."""
    middle: int
    """Least free width between both sides."""
    narrow: bool = False
    """For a phone: less text in a box, skip connections told above them, the bottom one below the other."""


WIDE = Sheet(width=1130, box_width=204, box_height=60, gap=16, indent=58, margin=34, band_gap=34, middle=250)
NARROW = Sheet(
    width=356, box_width=146, box_height=60, gap=16, indent=0, margin=14, band_gap=42, middle=20, narrow=True
)


@dataclass(frozen=True)
class Box:
    """A layer's rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True)
class Route:
    """A drawn link: SVG path data, and for a skip connection where what it holds is told."""

    link: Link
    path: str
    label: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """All that is drawn, in pixels."""

    sheet: Sheet
    height: float
    boxes: dict[str, Box]
    levels: list[tuple[tuple[int, int], float]]
    """Height and width of the feature maps of each level, and the top of its band."""
    routes: list[Route]
    ends: list[tuple[str, float, float]] = field(default_factory=list)
    """Layers that the image enters ("in") and results leave ("out"), and where."""


def lay_out(graph: Graph, sheet: Sheet) -> Layout:
    """Boxes and links of a graph with at least one layer."""
    place, sizes = places(graph)
    boxes: dict[str, Box] = {}
    levels = []
    stacks: dict[tuple[int, Side], list[str]] = {}
    for layer in graph.layers:
        at = place[layer.name]
        stacks.setdefault((at.level, at.side), []).append(layer.name)
    deepest = len(sizes) - 1
    indent = _indent(sheet, deepest)
    y = 26.0
    for level, size in enumerate(sizes):
        levels.append((size, y))
        top = y + sheet.band_gap
        if level == deepest:
            y = _bottom_row(sheet, stacks.get((level, Side.BOTTOM), []), boxes, top)
        else:
            down, up = stacks.get((level, Side.DOWN), []), stacks.get((level, Side.UP), [])
            y = top + max(len(down), len(up)) * (sheet.box_height + sheet.gap)
            left = sheet.margin + level * indent
            right = sheet.width - sheet.margin - level * indent - sheet.box_width
            for side, names in ((left, list(reversed(down))), (right, up)):
                for number, name in enumerate(names):
                    box_y = y - (number + 1) * (sheet.box_height + sheet.gap)
                    boxes[name] = Box(side, box_y, sheet.box_width, sheet.box_height)
    routes = _Router(boxes, place, stacks, sheet, levels).all(graph)
    return Layout(sheet, y + 8, boxes, levels, routes, _ends(graph, boxes, place))


def _indent(sheet: Sheet, deepest: int) -> float:
    """As much as leaves the middle free at the lowest level with two sides."""
    if deepest < 2:
        return 0
    free = sheet.width - 2 * (sheet.margin + sheet.box_width) - sheet.middle
    return max(0, min(sheet.indent, free / 2 / (deepest - 1)))


def _bottom_row(sheet: Sheet, names: list[str], boxes: dict[str, Box], top: float) -> float:
    """Rows from left to right; where they end."""
    pitch = sheet.box_width + 2 * sheet.gap
    each = 1 if sheet.narrow else max(1, int((sheet.width - 2 * sheet.margin + 2 * sheet.gap) // pitch))
    for start in range(0, len(names), each):
        row = names[start : start + each]
        left = (sheet.width - len(row) * pitch + 2 * sheet.gap) / 2
        for number, name in enumerate(row):
            boxes[name] = Box(left + number * pitch, top, sheet.box_width, sheet.box_height)
        top += sheet.box_height + sheet.gap
    return top


def _ends(graph: Graph, boxes: dict[str, Box], place: dict[str, Place]) -> list[tuple[str, float, float]]:
    ends = []
    for link in graph.links:
        if link.source == OUTSIDE and link.sink in boxes:
            ends.append(("in", *_above(boxes[link.sink])))
        if link.sink == OUTSIDE and link.source in boxes:
            ends.append(("out", *_above(boxes[link.source])))
    return list(dict.fromkeys(ends))


def _above(box: Box) -> tuple[float, float]:
    return (box.centre[0], box.y)


class _Router:
    """Draws each link as what it is: a step to the neighbour, across the U, past boxes, or any other way."""

    def __init__(
        self,
        boxes: dict[str, Box],
        place: dict[str, Place],
        stacks: dict[tuple[int, Side], list[str]],
        sheet: Sheet,
        levels: list[tuple[tuple[int, int], float]],
    ) -> None:
        self._boxes, self._place, self._sheet, self._levels = boxes, place, sheet, levels
        self._order = {name: number for names in stacks.values() for number, name in enumerate(names)}
        self._across: dict[int, int] = {}
        self._beside: dict[tuple[int, Side], int] = {}

    def all(self, graph: Graph) -> list[Route]:
        return [self._route(link) for link in graph.links if link.source in self._boxes and link.sink in self._boxes]

    def _route(self, link: Link) -> Route:
        source, sink = self._boxes[link.source], self._boxes[link.sink]
        a, b = self._place[link.source], self._place[link.sink]
        if a == b and self._order[link.sink] - self._order[link.source] == 1:
            return Route(link, self._to_neighbour(source, sink, a.side))
        if a.level == b.level and (a.side, b.side) == (Side.DOWN, Side.UP):
            return self._skip(link, source, sink, a.level)
        if a == b and a.side is not Side.BOTTOM:
            return Route(link, self._past(source, sink, a))
        if a.level - b.level == 1 and Side.DOWN not in (a.side, b.side):
            return Route(link, self._up(source, sink, a))
        if b.level > a.level:
            return Route(link, _vertical(source.bottom, sink.y, source, sink))
        return Route(link, _curve(source, sink))

    def _to_neighbour(self, source: Box, sink: Box, side: Side) -> str:
        if side is Side.DOWN:
            return _line(source.centre[0], source.bottom, source.centre[0], sink.y)
        if side is Side.UP:
            return _line(source.centre[0], source.y, source.centre[0], sink.bottom)
        if source.y == sink.y:
            return _line(source.right, source.centre[1], sink.x, sink.centre[1])
        return _vertical(source.bottom, sink.y, source, sink)

    def _up(self, source: Box, sink: Box, at: Place) -> str:
        """To the level above, past the rows of the bottom that stand above."""
        top = self._levels[at.level][1] + self._sheet.band_gap
        if at.side is Side.UP or source.y <= top:
            return _vertical(source.y, sink.bottom, source, sink)
        x = max(source.right, sink.x) + self._sheet.gap
        return f"M{source.right:g} {source.centre[1]:g}H{x:g}V{sink.bottom:g}"

    def _skip(self, link: Link, source: Box, sink: Box, level: int) -> Route:
        number = self._across.get(level, 0)
        self._across[level] = number + 1
        y, end = source.centre[1] + 7 * number, sink.centre[1] + 7 * number
        turn = sink.x - self._sheet.gap / 2 - 5 * number
        path = f"M{source.right:g} {y:g}H{turn:g}V{end:g}H{sink.x:g}" if y != end else _line(source.right, y, sink.x, y)
        if not self._sheet.narrow:
            return Route(link, path, ((source.right + sink.x) / 2, y - 34 * number))
        return Route(link, path, (self._sheet.width / 2, self._levels[level][1] + 34 + 15 * number))

    def _past(self, source: Box, sink: Box, at: Place) -> str:
        """Beside the boxes of a stack, on its outer side."""
        number = self._beside.get((at.level, at.side), 0)
        self._beside[at.level, at.side] = number + 1
        away = 8 + 6 * (number % 4)
        if at.side is Side.DOWN:
            return f"M{source.x:g} {source.centre[1]:g}H{source.x - away:g}V{sink.centre[1]:g}H{sink.x:g}"
        return f"M{source.right:g} {source.centre[1]:g}H{source.right + away:g}V{sink.centre[1]:g}H{sink.right:g}"


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"M{x:g} {y:g}H{to_x:g}" if y == to_y else f"M{x:g} {y:g}V{to_y:g}"


def _vertical(y: float, to_y: float, source: Box, sink: Box) -> str:
    """Up or down, straight where the boxes overlap, else with a turn in the middle."""
    left, right = max(source.x, sink.x), min(source.right, sink.right)
    if right - left > 10:
        return _line((left + right) / 2, y, (left + right) / 2, to_y)
    turn = to_y + (12 if to_y < y else -12)
    return f"M{source.centre[0]:g} {y:g}V{turn:g}H{sink.centre[0]:g}V{to_y:g}"


def _curve(source: Box, sink: Box) -> str:
    (x, y), (to_x, to_y) = source.centre, sink.centre
    start, end = (source.right, sink.x) if to_x > x else (source.x, sink.right)
    bend = (start + end) / 2
    return f"M{start:g} {y:g}C{bend:g} {y:g} {bend:g} {to_y:g} {end:g} {to_y:g}"
