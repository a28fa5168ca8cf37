# SPDX-License-Identifier: BSD-3-Clause
"""The comparison as one self-contained page; everything from the builds is escaped by the template engine."""

from __future__ import annotations

from typing import Any

from hw_flows.compare.digest import Digest
from hw_flows.compare.rows import LayerPair, figure_rows, layer_rows
from hw_flows.report.assets import STYLES, templates, together
from hw_flows.report.drawing.layout import NARROW
from hw_flows.report.drawing.svg import network_svg

PACKAGE = "hw_flows.compare"


def comparison_page(one: Digest, other: Digest) -> str:
    """The page as text."""
    rows = layer_rows(one, other)
    most = max((layer.cycles for digest in (one, other) for layer in digest.layers), default=0)
    sides = [_side(letter, digest, rows) for letter, digest in (("A", one), ("B", other))]
    return (
        templates("compare.html", package=PACKAGE)
        .get_template("compare.html")
        .render(
            css=together((*STYLES,)),
            sides=sides,
            figures=figure_rows(one, other),
            headings=[pair.label for pair in rows[0].pairs] if rows else [],
            layers=rows,
            most=most or 1,
        )
    )


def _side(letter: str, digest: Digest, rows: list[LayerPair]) -> dict[str, Any]:
    number = {row.name: index for index, row in enumerate(rows)}
    digest.drawn.rows = {
        operator.name: f"l{number[shown.name]}"
        for layer, shown in zip(digest.graph.layers, digest.layers, strict=True)
        for operator in layer.operators
    }
    return {
        "letter": letter,
        "digest": digest,
        "drawing": network_svg(digest.graph, digest.drawn, NARROW, letter.lower()),
    }
