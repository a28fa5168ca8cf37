# SPDX-License-Identifier: BSD-3-Clause
"""Pins: plain inputs, outputs and bidirectional ones. Anything in a pin's registers is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hw_flows.lift.ecp5.database import Group
from hw_flows.lift.ecp5.device import Device, Site
from hw_flows.lift.netlist import Net
from hw_flows.machine.errors import CheckFailed

UNUSED = "NONE"
#: Settings of a pin's multiplexers, and the value with which they pass what the routing brings.
_THROUGH = {"DATAMUX_ODDR": "PADDO", "DATAMUX_OREG": "PADDO", "DATAMUX_MDDR": "PADDO", "TRIMUX_TSREG": "PADDT"}
#: Electrical settings: they change no logic.
ELECTRICAL = ("PULLMODE", "SLEWRATE", "HYSTERESIS", "DRIVE", "OPENDRAIN", "CLAMP", "DIFFRESISTOR")


@dataclass(frozen=True)
class Pad:
    """A pin in use."""

    types: frozenset[str]
    """Direction and standard, such as INPUT_LVCMOS33; several where standards have the same bits."""
    electrical: dict[str, str]
    """Setting -> value, as far as the bits tell."""

    @property
    def direction(self) -> str:
        return next(iter(self.types)).partition("_")[0]


class Pins(Site):
    """The pins of one location, A to D."""

    wires = re.compile(r"JPADDI([ABCD])_PIO")

    def __init__(self, device: Device, x: int, y: int) -> None:
        super().__init__(device, x, y)
        self._pads: dict[str, Pad | None] = {}

    def pad(self, name: str) -> Pad | None:
        """How a pin is used; None where it is not."""
        if name not in self._pads:
            self._pads[name] = self._read(name)
        return self._pads[name]

    def drives(self, pin: str) -> bool:
        pad = self.pad(pin)
        return pad is not None and pad.direction in ("INPUT", "BIDIR")

    def output(self, pin: str) -> Net:
        return f"{self.place('PIO' + pin)}.O"

    def start(self) -> None:
        """Lift the pins in use."""
        for bel in self.device.chip.bels(self.x, self.y):
            if re.fullmatch("PIO[ABCD]", bel) and (pad := self.pad(bel[3:])) is not None:
                self._port(bel, pad)

    def _port(self, element: str, pad: Pad) -> None:
        place, letter = self.place(element), element[3:]
        self.device.pads[place] = pad
        if pad.direction != "OUTPUT":
            self.device.netlist.ports[f"{place}.O"] = True, [f"{place}.O"]
        if pad.direction != "INPUT":
            for pin, wire in (("I", "PADDO"), ("T", "PADDT")):
                self.device.netlist.ports[f"{place}.{pin}"] = False, [self.net(f"{wire}{letter}_PIO")]

    def _tiles_of(self, name: str) -> list[str]:
        """The tiles with a pin's settings: at top and bottom a pair of pins takes two columns, at the sides four take three rows."""
        prefix = f"PIO{name}."
        if self.y in (0, self.device.chip.height - 1):
            return self.tiles(prefix, ("AB".index(name),), (0, 1) if self.y == 0 else (0,))
        return self.tiles(prefix, (0,), (0, 1, 2))

    def _read(self, name: str) -> Pad | None:
        tiles = self._tiles_of(name)
        types = self._types(tiles, f"PIO{name}.")
        if not types or UNUSED in types:
            self._read_reference(tiles, f"PIO{name}.")
            return None
        configuration = self.device.configuration
        for setting, through in _THROUGH.items():
            if configuration.knows(tiles, f"PIO{name}.{setting}"):
                value = configuration.option(tiles, f"PIO{name}.{setting}")
                if value != through:
                    raise self.error(f"PIO{name} has {setting} {value}: registers of pins are not understood")
        electrical = {}
        for setting in ELECTRICAL:
            if configuration.knows(tiles, f"PIO{name}.{setting}"):
                try:
                    electrical[setting] = configuration.option(tiles, f"PIO{name}.{setting}")
                except CheckFailed:  # as the standard has it
                    continue
        return Pad(frozenset(types), electrical)

    def _read_reference(self, tiles: list[str], prefix: str) -> None:
        """Of a pin that brings in its bank's reference voltage: an output in the tile of its pad alone, which drives nothing."""
        configuration = self.device.configuration
        if not any("enum: BANK.VREF ON" in tile.lines for tile in configuration.tiles.values()):
            return
        name = f"{prefix}BASE_TYPE"
        pads = [t for t in tiles if (c := configuration.tile(t).kind.choices.get(name)) and c.default == UNUSED]
        if all(value.startswith("OUTPUT_") for value in self._types(pads, prefix)):
            configuration.option(pads, f"{prefix}PULLMODE")

    def _types(self, tiles: list[str], prefix: str) -> set[str]:
        """The types that the bits may mean, and mark these bits as read.

        A type is a pattern over which the other settings are written, so bits of these need not agree; of types that are
        possible it is the one that agrees in most bits.
        """
        name = f"{prefix}BASE_TYPE"
        parts = [part for part in map(self.device.configuration.tile, tiles) if name in part.kind.choices]
        found: dict[str, int] = {}
        for value in {value for part in parts for value in part.kind.choices[name].options}:
            agrees = 0
            for part in parts:
                group = part.kind.choices[name].options.get(value)
                if group is None:
                    continue
                overlay = part.kind.overlay(name)
                own = Group(group.ones - overlay, group.zeros - overlay)
                if not own.holds(part.bits):
                    break
                ones = group.ones & overlay
                agrees += len(own.bits) + len(ones & part.bits) - len(ones - part.bits)
            else:
                found[value] = agrees
        best = {value for value, agrees in found.items() if agrees == max(found.values())}
        if best and UNUSED not in best:
            for part in parts:
                for value in best:
                    if value in part.kind.choices[name].options:
                        part.read |= part.kind.choices[name].options[value].bits
        directions = {value.partition("_")[0] for value in best}
        if len(directions) > 1:
            raise self.error(f"{prefix[:-1]} may be {' or '.join(sorted(best))}")
        return best
