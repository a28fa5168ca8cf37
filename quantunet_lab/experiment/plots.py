# SPDX-License-Identifier: BSD-3-Clause
"""The plots of an experiment as SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from quantunet_lab.experiment.statistics import Spread, Variant, part_of

#: Okabe and Ito's colours, far apart for colour-blind eyes too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933")
MARKERS = {"fixed": "s", "learned": "o", "float": "D"}
SIZE = (7.2, 4.4)


def dice_against_bits(variants: Sequence[Variant], baseline: str | None) -> str:
    """Dice against the mean of the weights' and activations' mean widths; the baseline is a line."""
    quantized = [variant for variant in variants if variant.precision != "float"]
    points = [(v, v.of(lambda result: result.mean_bits), v.of(lambda result: result.dice)) for v in quantized]
    label = "mean bits per layer (weights and activations)"
    return _pareto(points, _baseline(variants, baseline), label, "bits", part_of(variants))


def dice_against_luts(variants: Sequence[Variant], baseline: str | None) -> str | None:
    """Dice against the LUTs of the flow's cost models; None where nothing was estimated."""
    points = []
    for variant in variants:
        luts = variant.hardware_of(lambda estimate: estimate.lut)
        if luts is not None:
            dice = Spread(tuple(variant.results[seed].dice for seed in variant.hardware))
            points.append((variant, luts, dice))
    if not points:
        return None
    estimate = next(iter(points[0][0].hardware.values()))
    label = f"LUTs for {estimate.target_fps:g} frames/s on {estimate.board}, by the cost models"
    return _pareto(points, _baseline(variants, baseline), label, "luts", part_of(variants))


def _baseline(variants: Sequence[Variant], name: str | None) -> tuple[str, Spread] | None:
    found = next((variant for variant in variants if variant.name == name), None)
    return None if found is None else (found.name, found.of(lambda result: result.dice))


def _pareto(
    points: Sequence[tuple[Variant, Spread, Spread]],
    baseline: tuple[str, Spread] | None,
    label: str,
    name: str,
    part: str,
) -> str:
    def draw(axes: Any) -> None:
        for index, (variant, cost, dice) in enumerate(points):
            colour = COLOURS[index % len(COLOURS)]
            marker = MARKERS[variant.precision]
            axes.plot(cost.values, dice.values, marker, color=colour, alpha=0.35, markersize=4)
            axes.errorbar(
                cost.mean,
                dice.mean,
                xerr=cost.deviation,
                yerr=dice.deviation,
                fmt=marker,
                color=colour,
                markersize=8,
                capsize=3,
                label=variant.name,
            )
        front = pareto_front([(cost.mean, dice.mean) for _, cost, dice in points])
        if front:
            axes.plot(*zip(*front, strict=True), color="#888888", linewidth=1, zorder=0)
        if baseline is not None:
            title, dice = baseline
            axes.axhline(dice.mean, color="black", linestyle="--", linewidth=1, label=f"{title} (32 bits)")
            axes.axhspan(dice.mean - dice.deviation, dice.mean + dice.deviation, color="black", alpha=0.07)
        axes.set_xlabel(label)
        axes.set_ylabel(f"Dice on the {part} part")
        axes.grid(alpha=0.25)
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)

    return _svg(draw, name)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The (cost, score) that no other has both for less and higher, by rising cost."""
    front: list[tuple[float, float]] = []
    for cost, score in sorted(points, key=lambda point: (point[0], -point[1])):
        if not front or score > front[-1][1]:
            front.append((cost, score))
    return front


def _svg(draw: Callable[[Any], None], name: str) -> str:
    """An SVG element without date or random names, so that the same figures give the same text."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=SIZE)
        draw(figure.subplots())
        figure.tight_layout()
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    # ids are the document's: two plots in one page must not share them
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
