# SPDX-License-Identifier: BSD-3-Clause
"""The drawing as inline SVG. Colours come from the page's style sheet, every text is escaped."""

from __future__ import annotations

from markupsafe import Markup

from hw_flows.operators.names import finn_name
from hw_flows.report.drawing.figures import Figures
from hw_flows.report.drawing.graph import Graph, Layer
from hw_flows.report.drawing.layout import Box, Layout, Route, Sheet, lay_out
from hw_flows.report.format import percent, quantity

INSET = 9
STRIP = 15
GAUGE = 120
#: Pixels of a character of a title and of a line, a little more than on average.
TITLE_PITCH, LINE_PITCH = 7.2, 6.3


def network_svg(graph: Graph, figures: Figures, sheet: Sheet, name: str) -> Markup:
    """Boxes of layers with blocks of operators, and links. `name` tells drawings on one page apart."""
    if not graph.layers:
        return Markup("")
    layout = lay_out(graph, sheet)
    parts = [
        Markup(
            '<svg class="network" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="group" aria-label="The network, level by level">'
            '<defs><marker id="{n}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
        ).format(w=sheet.width, h=round(layout.height), n=name)
    ]
    parts += [_route(route, figures, name) for route in layout.routes]
    parts += [_level(size, y, layout) for size, y in layout.levels]
    parts += [_label(route, figures, sheet) for route in layout.routes if route.label is not None]
    parts += [_box(layer, layout.boxes[layer.name], figures, sheet) for layer in graph.layers]
    parts += [_end(kind, x, y, name) for kind, x, y in layout.ends]
    parts.append(Markup("</svg>"))
    return Markup("\n").join(parts)


def _level(size: tuple[int, int], y: float, layout: Layout) -> Markup:
    return Markup('<text class="level" x="{x}" y="{y}" text-anchor="middle">{h} × {w}</text>').format(
        x=layout.sheet.width / 2, y=y + 18, h=size[0], w=size[1]
    )


def _route(route: Route, figures: Figures, name: str) -> Markup:
    ends = [figures.names.layer(end) for end in (route.link.source, route.link.sink)]
    held = figures.held(route.link.fifos)
    return Markup('<path class="link{skip}" d="{d}" marker-end="url(#{n}-tip)"><title>{t}</title></path>').format(
        skip=" skip" if route.label else "", d=route.path, n=name, t=" → ".join(ends) + (f": {held}" if held else "")
    )


def _label(route: Route, figures: Figures, sheet: Sheet) -> Markup:
    """What a skip connection holds, and how full it was."""
    assert route.label is not None
    held, filled = figures.held(route.link.fifos), figures.filled(route.link.fifos)
    if not held:
        return Markup("")
    x, y = route.label
    gauge = Markup("")
    if not sheet.narrow and filled is not None:
        gauge = Markup(
            '<rect class="track" x="{x}" y="{y}" width="{w}" height="10" rx="5"/>'
            '<rect class="fill" x="{x}" y="{y}" width="{f}" height="10" rx="5"/>'
        ).format(x=x - GAUGE / 2, y=y - 5, w=GAUGE, f=round(GAUGE * filled, 1))
    return gauge + Markup('<text class="held" x="{x}" y="{y}" text-anchor="middle">{t}</text>').format(
        x=x, y=y - (0 if sheet.narrow else 11), t=held
    )


def _end(kind: str, x: float, y: float, name: str) -> Markup:
    down = kind == "in"
    path = f"M{x - 40:g} {y - 26:g}V{y:g}" if down else f"M{x + 40:g} {y:g}V{y - 26:g}"
    words, at = ("image", x - 34) if down else ("result", x + 46)
    return Markup('<path class="link" d="{d}" marker-end="url(#{n}-tip)"/><text x="{x}" y="{y}">{t}</text>').format(
        d=path, n=name, x=at, y=y - 12, t=words
    )


def _box(layer: Layer, box: Box, figures: Figures, sheet: Sheet) -> Markup:
    title = figures.names.layer(layer.name)
    slowest = any(o.name == figures.bottleneck for o in layer.operators)
    busy = max(figures.busy(o.name) for o in layer.operators)
    told = percent(busy)
    room = box.width - 2 * INSET
    beside = LINE_PITCH * (len(told) + 1)
    return Markup(
        '<g class="layer{hot}"><rect class="box" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'
        '<text class="name" x="{tx}" y="{ty}"><title>{title}</title>{short}</text>'
        '<text class="busy" x="{bx}" y="{by}" text-anchor="end">{busy}</text>'
        '<text x="{tx}" y="{ly}">{line}</text>{mark}{blocks}</g>'
    ).format(
        hot=" hot" if slowest else "",
        x=box.x,
        y=box.y,
        w=box.width,
        h=box.height,
        tx=box.x + INSET,
        ty=box.y + 17,
        title=title,
        short=_tail(title, int((room - (0 if sheet.narrow else beside)) / TITLE_PITCH)),
        bx=box.right - INSET,
        by=box.bottom - 9 if sheet.narrow else box.y + 17,
        busy=told,
        ly=box.y + 33,
        mark=_mark(box) if slowest and not sheet.narrow else "",
        line=_tail(_line(layer, figures, sheet), int(room / LINE_PITCH)),
        blocks=Markup("").join(_blocks(layer, box, figures, room - (beside if sheet.narrow else 0))),
    )


def _mark(box: Box) -> Markup:
    return Markup('<text class="busy" x="{x}" y="{y}" text-anchor="end">slowest</text>').format(
        x=box.right, y=box.y - 4
    )


def _line(layer: Layer, figures: Figures, sheet: Sheet) -> str:
    taken, given = layer.channels
    channels = f"{taken} → {given}" if taken != given else f"{taken}"
    if not sheet.narrow:
        channels += " channels"
    matrix = layer.matrix
    if matrix is None or "WEIGHT_BITS" not in matrix.parameters:
        return channels
    activations = figures.accelerator.stream(matrix.inputs[0].streams[0]).element.bits
    return f"{channels}, w{matrix.parameters['WEIGHT_BITS']} a{activations}"


def _blocks(layer: Layer, box: Box, figures: Figures, room: float) -> list[Markup]:
    pitch = min(30.0, room / len(layer.operators))
    blocks = []
    for index, operator in enumerate(layer.operators):
        hot = operator.name == figures.bottleneck
        words = (
            f"{figures.names.operator(operator.name)}, {finn_name(operator.op_type)}: "
            f"{quantity(operator.expected_cycles)} cycles a frame, {percent(figures.busy(operator.name))} busy"
            f"{', the slowest' if hot else ''}; rtl/{operator.module}.sv"
        )
        blocks.append(
            Markup(
                '<a class="block b{busy}{hot}" {link} aria-label="{words}"><title>{words}</title>'
                '<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2"/></a>'
            ).format(
                busy=figures.busy_class(operator.name),
                hot=" hot" if hot else "",
                link=figures.link(operator.name),
                words=words,
                x=round(box.x + INSET + index * pitch, 1),
                y=box.y + box.height - STRIP - 6,
                w=round(max(pitch - 3, 1), 1),
                h=STRIP,
            )
        )
    return blocks


def _tail(text: str, most: int) -> str:
    """The end of a name that is too long: paths of modules differ there."""
    return text if len(text) <= most else "…" + text[-max(most - 1, 1) :]
