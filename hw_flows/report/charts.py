# SPDX-License-Identifier: BSD-3-Clause
"""Charts as inline SVG; colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hw_flows.report.data import LayerBits
from hw_flows.report.names import OwnNames

BAR, GAP, PITCH_MINIMUM = 13, 3, 42
LEFT, TOP, HEIGHT, BOTTOM = 64, 18, 150, 66


def bits_chart(bits: Sequence[LayerBits], names: OwnNames) -> Markup:
    """Two columns a layer: bits of its weights and of the activations into it, on a scale from 0."""
    if not bits:
        return Markup("")
    top = max(8, *(max(layer.weights, layer.activations) for layer in bits))
    pitch = max(PITCH_MINIMUM, min(70, 1080 // len(bits)))
    width = LEFT + pitch * len(bits) + 10
    bottom = TOP + HEIGHT

    def level(value: float) -> float:
        return round(bottom - HEIGHT * value / top, 1)

    parts = [
        Markup('<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="Bits per layer">').format(
            w=width, h=bottom + BOTTOM
        )
    ]
    for value in range(0, top + 1, 2 if top <= 16 else 4):
        parts.append(
            Markup(
                '<line x1="{l}" x2="{r}" y1="{y}" y2="{y}"/><text x="{t}" y="{b}" text-anchor="end">{v}</text>'
            ).format(l=LEFT, r=width - 6, y=level(value), t=LEFT - 7, b=level(value) + 4, v=value)
        )
    for number, layer in enumerate(bits):
        middle = LEFT + pitch * (number + 0.5)
        for offset, value, colour in ((-BAR - GAP / 2, layer.weights, "k1"), (GAP / 2, layer.activations, "k2")):
            parts.append(
                Markup(
                    '<g><title>{name}: {value} bits</title><rect class="{colour}" x="{x}" y="{y}" width="{w}" '
                    'height="{h}" rx="1.5"/><text class="value" x="{m}" y="{t}" text-anchor="middle">{value}</text></g>'
                ).format(
                    name=f"{names.layer(layer.layer)} {'weights' if colour == 'k1' else 'activations'}",
                    value=value,
                    colour=colour,
                    x=middle + offset,
                    y=level(value),
                    w=BAR,
                    h=round(bottom - level(value), 1),
                    m=middle + offset + BAR / 2,
                    t=level(value) - 4,
                )
            )
        parts.append(
            Markup('<text x="{x}" y="{y}" text-anchor="end" transform="rotate(-35 {x} {y})">{name}</text>').format(
                x=middle + 6, y=bottom + 13, name=_short(names.layer(layer.layer))
            )
        )
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _short(name: str, limit: int = 15) -> str:
    """The end of a long name: paths of modules differ there."""
    return name if len(name) <= limit else "…" + name[1 - limit :]
