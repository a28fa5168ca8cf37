# SPDX-License-Identifier: BSD-3-Clause
"""The routing fabric of a device: wires of tiles, the nodes that they are joined to, and the switches between wires.

Files of Project X-Ray's database: `tileconn.json` joins wires of neighbouring tiles, by types of tiles and distance;
`tile_type_<type>.json` has a type's wires, switches ("pips") and sites with the wires of their pins; `site_type_<type>.json`
the directions of pins; `ppips_<type>.db` the switches without bits: "always" there, there by "default" where no other
switch drives the wire, or mere "hints" of what a LUT can do, which are no connections. The device has millions of wires: nodes are
made when they are asked for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from hw_flows.place_route.xray import Database


class Wire(NamedTuple):
    """One wire of one tile."""

    tile: str
    name: str

    def __str__(self) -> str:
        return f"{self.tile}/{self.name}"


class Pin(NamedTuple):
    """A pin of a site: of tile `tile` the site number `site`."""

    tile: str
    site: int
    name: str


@dataclass(frozen=True)
class SiteType:
    """A site as a type of tile has it."""

    kind: str
    """Its type, such as SLICEL."""
    prefix: str
    x: int
    y: int
    """Within the tile, among sites of the same prefix."""
    pins: dict[str, str]
    """Pin -> wire of the tile."""
    inputs: frozenset[str]
    outputs: frozenset[str]

    def wires(self, direction: str) -> frozenset[str]:
        """Wires of all `inputs` or `outputs`."""
        return frozenset(self.pins[pin] for pin in getattr(self, direction) if pin in self.pins)


@dataclass
class TileType:
    """Wires and switches of a type of tile."""

    wires: frozenset[str]
    sites: tuple[SiteType, ...]
    sources: dict[str, tuple[str, ...]]
    """Wire -> those that a switch with bits of its own can connect to it."""
    unselected: dict[str, tuple[str, ...]]
    """Wire -> those that are connected to it while certain bits are 0."""
    always: dict[str, tuple[str, ...]]
    default: dict[str, str]
    undocumented: dict[str, tuple[str, ...]]
    """Wire -> those that a switch of which the database does not know the bits can connect to it."""
    drivers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Wire -> output pins on it, as (number of the site, pin)."""


class Fabric:
    """All nodes and switches of a device."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.device = database.device_folder
        self._types: dict[str, TileType] = {}
        self._pin_directions: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._nodes: dict[Wire, tuple[Wire, ...]] = {}

    @cached_property
    def _at(self) -> dict[tuple[int, int], str]:
        return {(tile.x, tile.y): name for name, tile in self.database.tiles.items()}

    @cached_property
    def _joined(self) -> dict[tuple[str, str], list[tuple[int, int, str, str]]]:
        """(type, wire) -> (columns right, rows down, type, wire) of what is joined to it there."""
        joined: dict[tuple[str, str], list[tuple[int, int, str, str]]] = defaultdict(list)
        for entry in json.loads((self.device / "tileconn.json").read_text(encoding="utf-8")):
            (dx, dy), (one, other) = entry["grid_deltas"], entry["tile_types"]
            for here, there in entry["wire_pairs"]:
                joined[one, here].append((dx, dy, other, there))
                joined[other, there].append((-dx, -dy, one, here))
        return dict(joined)

    def node(self, wire: Wire) -> tuple[Wire, ...]:
        """All wires that are one with this one, itself included; the same tuple for each of them."""
        if wire in self._nodes:
            return self._nodes[wire]
        found, waiting = {wire}, [wire]
        while waiting:
            tile, name = waiting.pop()
            place = self.database.tiles[tile]
            for dx, dy, kind, other in self._joined.get((place.type, name), ()):
                neighbour = self._at.get((place.x + dx, place.y + dy))
                if neighbour is None or self.database.tiles[neighbour].type != kind:
                    continue
                joined = Wire(neighbour, other)
                if joined not in found:
                    found.add(joined)
                    waiting.append(joined)
        node = tuple(sorted(found))
        self._nodes.update(dict.fromkeys(node, node))
        return node

    def tile_type(self, kind: str) -> TileType:
        """Wires, switches and sites of a type of tile."""
        if kind not in self._types:
            self._types[kind] = self._read_tile_type(kind)
        return self._types[kind]

    def of(self, tile: str) -> TileType:
        return self.tile_type(self.database.tiles[tile].type)

    def _read_tile_type(self, kind: str) -> TileType:
        data = json.loads((self.database.folder / f"tile_type_{kind}.json").read_text(encoding="utf-8"))
        with_bits = self.database.features(kind)
        pseudo = _read_pseudo_switches(self.database.folder / f"ppips_{kind.lower()}.db")
        sites = tuple(self._site_type(site) for site in data["sites"])
        ends = [(site.wires("outputs"), site.wires("inputs")) for site in sites]
        tables: dict[str, dict[str, list[str]]] = {
            name: defaultdict(list) for name in ("sources", "unselected", "always", "default", "undocumented")
        }
        for switch in data["pips"].values():
            ways = [(switch["dst_wire"], switch["src_wire"])]
            if switch["is_directional"] == "0":
                ways.append((switch["src_wire"], switch["dst_wire"]))
            for to, source in ways:
                name = f"{to}.{source}"
                bits = with_bits.get((name, 0))
                table = pseudo.get(name, "undocumented")
                if bits is not None:
                    table = "sources" if bits.ones else "unselected"
                if table == "hint" or any(to in out and source in into for out, into in ends):
                    continue  # what a site can do is its lifter's matter
                tables[table][to].append(source)
        drivers: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, site in enumerate(sites):
            for pin, wire in site.pins.items():
                if pin in site.outputs:
                    drivers[wire].append((number, pin))
        fixed = {name: {wire: tuple(found) for wire, found in table.items()} for name, table in tables.items()}
        return TileType(
            wires=frozenset(data["wires"]),
            sites=sites,
            sources=fixed["sources"],
            unselected=fixed["unselected"],
            always=fixed["always"],
            default={wire: found[0] for wire, found in fixed["default"].items()},
            undocumented=fixed["undocumented"],
            drivers=dict(drivers),
        )

    def _site_type(self, site: dict) -> SiteType:
        kind = site["type"]
        if kind not in self._pin_directions:
            path = self.database.folder / f"site_type_{kind}.json"
            pins = json.loads(path.read_text(encoding="utf-8"))["site_pins"]
            self._pin_directions[kind] = (
                frozenset(name for name, pin in pins.items() if pin["direction"] in ("IN", "INOUT")),
                frozenset(name for name, pin in pins.items() if pin["direction"] in ("OUT", "INOUT")),
            )
        inputs, outputs = self._pin_directions[kind]
        return SiteType(
            kind=kind,
            prefix=site["prefix"],
            x=site["x_coord"],
            y=site["y_coord"],
            pins={name: pin["wire"] for name, pin in site["site_pins"].items() if pin is not None},
            inputs=inputs,
            outputs=outputs,
        )


def _read_pseudo_switches(path: Path) -> dict[str, str]:
    """Switch, as `<to>.<from>` -> always, default or hint."""
    if not path.is_file():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name.split(".", 1)[1]: kind for name, kind in lines}
