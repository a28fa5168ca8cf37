# SPDX-License-Identifier: BSD-3-Clause
"""Rows of the comparison: figures of the whole builds, and of their layers."""

from __future__ import annotations

from dataclasses import dataclass

from hw_flows.compare.digest import RESOURCES, Digest, LayerDigest
from hw_flows.report.format import percent, quantity

#: Key of a digest's figures, what it is called, and its unit.
FIGURES = (
    ("fps", "speed", "frames/s"),
    ("cycles_per_frame", "cycles a frame", ""),
    ("latency_ms", "latency", "ms"),
    ("clock_mhz", "clock", "MHz"),
    ("routed_mhz", "routed design reaches", "MHz"),
    ("macs_per_frame", "products a frame", ""),
    ("mac_units", "multipliers", ""),
    ("mac_utilization", "multipliers busy", "%"),
    *((key, key, "") for key in RESOURCES),
    ("fifo_bits", "FIFOs on the chip", "bit"),
    ("weight_bits", "bits of a weight, mean over layers", ""),
    ("activation_bits", "bits of an activation, mean over layers", ""),
    ("dram_mb_s", "board's memory", "MB/s"),
)


@dataclass(frozen=True)
class Pair:
    """One figure of both builds; None: not known."""

    label: str
    one: float | None
    other: float | None
    unit: str = ""

    @property
    def texts(self) -> tuple[str, str]:
        """Both as people read them."""
        return (self._text(self.one), self._text(self.other))

    @property
    def differs(self) -> bool:
        return self.one != self.other

    @property
    def change(self) -> str:
        """How much more or less the second has, in percent of the first; empty where nothing changes or one is not known."""
        if self.one is None or self.other is None or not self.differs:
            return ""
        if not self.one:
            return "new"
        share = 100 * (self.other / self.one - 1)
        return f"×{self.other / self.one:.3g}" if share >= 400 else f"{share:+.1f} %"

    def _text(self, value: float | None) -> str:
        if value is None:
            return "–"
        if self.unit == "%":
            return percent(value)
        return f"{quantity(value)} {self.unit}".rstrip()


def figure_rows(one: Digest, other: Digest) -> list[Pair]:
    """Figures that at least one of the builds has."""
    pairs = [Pair(label, one.figures[key], other.figures[key], unit) for key, label, unit in FIGURES]
    return [pair for pair in pairs if pair.one or pair.other]


@dataclass(frozen=True)
class LayerPair:
    """A layer of one name in both builds, or in one of them."""

    name: str
    one: LayerDigest | None
    other: LayerDigest | None
    pairs: tuple[Pair, ...]

    @property
    def differs(self) -> bool:
        return any(pair.differs for pair in self.pairs)


def layer_rows(one: Digest, other: Digest) -> list[LayerPair]:
    """Layers by name in the first build's order; what only the second has stands where it is there."""
    first, second = ({layer.name: layer for layer in digest.layers} for digest in (one, other))
    order = list(first)
    position = 0
    for name in second:
        if name in first:
            position = order.index(name) + 1
        else:
            order.insert(position, name)
            position += 1
    return [_layer(name, first.get(name), second.get(name)) for name in order]


def _layer(name: str, one: LayerDigest | None, other: LayerDigest | None) -> LayerPair:
    def pair(label: str, attribute: str) -> Pair:
        return Pair(label, getattr(one, attribute, None), getattr(other, attribute, None))

    def taken(key: str) -> Pair:
        first, second = (None if d is None or d.resources is None else d.resources[key] for d in (one, other))
        return Pair(key, first, second)

    widths = (pair("weight bits", "weights"), pair("activation bits", "activations"))
    work = (pair("cycles", "cycles"), pair("products a cycle", "products"))
    return LayerPair(name, one, other, (*widths, *work, taken("LUT"), taken("BRAM36"), taken("DSP")))
