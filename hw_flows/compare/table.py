# SPDX-License-Identifier: BSD-3-Clause
"""The comparison as text for a terminal: names come from files of unknown origin."""

from __future__ import annotations

import io

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hw_flows.compare.digest import Digest
from hw_flows.compare.rows import LayerPair, Pair, figure_rows, layer_rows
from quantunet_common.messages import printable

LONGEST_NAME = 60
WIDTH = 118


def comparison_text(one: Digest, other: Digest) -> str:
    """Figures of both builds, then the layers that differ."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, no_color=True)
    console.print(_figures(one, other))
    layers = layer_rows(one, other)
    changed = [layer for layer in layers if layer.differs]
    if changed:
        console.print(_layers(changed))
    alike = len(layers) - len(changed)
    if alike:
        console.print(f"layers without a difference: {alike} of {len(layers)}")
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


def _name(text: str) -> str:
    return escape(printable(text.replace("\n", " "), LONGEST_NAME))


def _figures(one: Digest, other: Digest) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for letter, digest in (("A", one), ("B", other)):
        table.add_column(f"{letter}: {_name(digest.title)}", justify="right", overflow="fold")
    table.add_column("B against A", justify="right")
    for label, attribute in (("network", "model"), ("board", "board"), ("part", "part"), ("slowest", "slowest")):
        texts = [getattr(digest, attribute) for digest in (one, other)]
        if any(texts):
            table.add_row(label, *(_name(text) if text else "–" for text in texts), "")
    exact = [{True: "yes", False: "NO", None: "not verified"}[digest.exact] for digest in (one, other)]
    table.add_row("bit-exact", *exact, "")
    for pair in figure_rows(one, other):
        table.add_row(pair.label, *pair.texts, pair.change)
    return table


def _layers(layers: list[LayerPair]) -> Table:
    table = Table(box=None, pad_edge=False, title="Layers that differ, A → B", title_justify="left")
    table.add_column("layer", overflow="fold")
    for pair in layers[0].pairs:
        table.add_column(pair.label, justify="right")
    for layer in layers:
        table.add_row(_name(layer.name), *map(_change, layer.pairs))
    return table


def _change(pair: Pair) -> str:
    one, other = pair.texts
    return f"{one} → {other}" if pair.differs else one
