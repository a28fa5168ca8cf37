# SPDX-License-Identifier: BSD-3-Clause
"""From a pin of a site back to what drives it, through the switches that the bitstream turns on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from hw_flows.lift.configuration import Configuration
from hw_flows.lift.fabric import Fabric, Pin, Wire
from hw_flows.lift.gates import require_open
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature

#: Sites that are nothing but constants, with the levels of their pins.
TIE_OFFS = {"HARD0": 0, "HARD1": 1}


class Level(NamedTuple):
    """A constant."""

    value: int
    is_default: bool
    """Nothing was routed here. Inputs of the interconnect then read 1: `ppips_int_*.db` lists VCC_WIRE as the default of
    every IMUX, BYP_ALT and FAN_ALT."""


class Floating(NamedTuple):
    """No switch drives it, and the database has no default for it."""

    wire: Wire
    undocumented: tuple[str, ...]
    """What could drive it through switches of which the database does not know the bits."""


Source = Pin | Level | Floating


class Switch(NamedTuple):
    tile: str
    to: str
    source: str
    has_bits: bool


class Router:
    """Sources of pins."""

    def __init__(self, fabric: Fabric, configuration: Configuration, drives: Callable[[Pin], bool]) -> None:
        """`drives`: whether a site is in use in that form, where sites of several forms share their outputs."""
        self.fabric = fabric
        self.configuration = configuration
        self.drives = drives
        self._sources: dict[tuple[Wire, ...], Source] = {}
        self._on: dict[str, dict[str, list[str]]] = {}

    def source_of(self, pin: Pin) -> Source:
        """What drives an input pin. Raises CheckFailed where several do."""
        wire = self.fabric.of(pin.tile).sites[pin.site].pins[pin.name]
        return self.source(Wire(pin.tile, wire))

    def source(self, wire: Wire) -> Source:
        passed: list[tuple[Wire, ...]] = []
        node = self.fabric.node(wire)
        while node not in self._sources:
            if node in passed:
                raise CheckFailed(
                    "switches form a ring without a driver", str(node[0]), "report this with the bitstream"
                )
            passed.append(node)
            found = self._step(node)
            if not isinstance(found, Switch):
                self._sources[node] = found
                break
            if found.has_bits:
                self.configuration.read(Feature(found.tile, f"{found.to}.{found.source}", 0))
            require_open(self.configuration, found.tile, f"{found.to}.{found.source}")
            node = self.fabric.node(Wire(found.tile, found.source))
        source = self._sources[node]
        self._sources.update(dict.fromkeys(passed, source))
        return source

    def switches_on(self, tile: str) -> dict[str, list[str]]:
        """Wire -> wires that switches with bits connect to it."""
        if tile not in self._on:
            table: dict[str, list[str]] = defaultdict(list)
            kind = self.fabric.of(tile)
            for name in self.configuration.names(tile):
                to, _, source = name.partition(".")
                if source in kind.sources.get(to, ()):
                    table[to].append(source)
            self._on[tile] = table
        return self._on[tile]

    def unused_switches(self) -> list[Feature]:
        """Switches that are on and that no pin in use was reached through; they count as read from now on."""
        unused = [
            feature
            for feature in self.configuration.unread()
            if feature.name.partition(".")[2]
            in self.fabric.of(feature.tile).sources.get(feature.name.partition(".")[0], ())
        ]
        for feature in unused:
            self.configuration.read(feature)
        return unused

    def _step(self, node: tuple[Wire, ...]) -> Source | Switch:
        """The one thing that drives a node: a pin, a constant, or the wire behind a switch."""
        found: list[Pin | Level | Switch] = []
        for tile, name in node:
            kind = self.fabric.of(tile)
            found += [
                self._driver(Pin(tile, site, pin))
                for site, pin in kind.drivers.get(name, ())
                if self.drives(Pin(tile, site, pin))
            ]
            found += [Switch(tile, name, source, True) for source in self.switches_on(tile).get(name, ())]
            found += [
                Switch(tile, name, source, False)
                for source in kind.unselected.get(name, ())
                if self.configuration.has(tile, f"{name}.{source}")
            ]
            always = kind.always.get(name, ())
            found += [
                Switch(tile, name, source, False) for source in always if len(always) == 1 or self._driven(tile, source)
            ]
        if len(found) > 1:
            listed = ", ".join(map(_named, found[:4]))
            raise CheckFailed(
                f"{len(found)} drivers of one node: {listed}", str(node[0]), "they fight: the bitstream is wrong"
            )
        if found:
            return found[0]
        if any(self.fabric.of(tile).default.get(name) == "VCC_WIRE" for tile, name in node):
            return Level(1, True)
        undocumented = [f"{w.tile}/{s}" for w in node for s in self.fabric.of(w.tile).undocumented.get(w.name, ())]
        return Floating(node[0], tuple(undocumented))

    def _driver(self, pin: Pin) -> Pin | Level:
        if self.fabric.of(pin.tile).sites[pin.site].kind == "TIEOFF":
            return Level(TIE_OFFS[pin.name], False)
        return pin

    def _driven(self, tile: str, wire: str) -> bool:
        """Of several wires that are joined for good to one: whether a site in use drives it."""
        drivers = self.fabric.of(tile).drivers.get(wire, ())
        return any(self.drives(Pin(tile, site, pin)) for site, pin in drivers)


def _named(driver: Pin | Level | Switch) -> str:
    if isinstance(driver, Switch):
        return f"{driver.tile}/{driver.source} -> {driver.to}"
    if isinstance(driver, Level):
        return f"constant {driver.value}"
    return f"{driver.tile} site {driver.site} pin {driver.name}"
