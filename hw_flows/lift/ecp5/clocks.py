# SPDX-License-Identifier: BSD-3-Clause
"""Clock buffers (DCCA) and PLLs (EHXPLLL)."""

from __future__ import annotations

import re
from functools import cache

from hw_flows.lift.ecp5.chip import Chip, Wire
from hw_flows.lift.ecp5.device import Block, Device, Site
from hw_flows.lift.netlist import ONE, UNDRIVEN, Net

_SIDES = {"T": (0, 1), "B": (0, 1), "L": (0,), "R": (0,)}
_OUTPUTS = ("CLKOP", "CLKOS", "CLKOS2", "CLKOS3", "LOCK", "INTLOCK", "REFCLK", "CLKINTFB")
_INPUTS = ("CLKI", "CLKFB")
#: Inputs that only matter with settings that are refused, or in reset: what the hardware reads where nothing drives them is not known.
_CONTROLS = (
    "RST",
    "STDBY",
    "PHASEDIR",
    "PHASELOADREG",
    "PHASESEL0",
    "PHASESEL1",
    "PHASESTEP",
    "PLLWAKESYNC",
    "ENCLKOP",
    "ENCLKOS",
    "ENCLKOS2",
    "ENCLKOS3",
)
#: Numbers that are kept as one less than they are.
_LESS_ONE = ("CLKI_DIV", "CLKFB_DIV", "CLKOP_DIV", "CLKOS_DIV", "CLKOS2_DIV", "CLKOS3_DIV")


@cache
def _buffers(chip: Chip) -> dict[str, tuple[int, int]]:
    """Name of a clock buffer, such as TDCC0 -> its location."""
    return {
        bel: (x, y)
        for y in range(chip.height)
        for x in range(chip.width)
        for bel in chip.bels(x, y)
        if re.fullmatch(r"[BTLR]DCC\d+", bel)
    }


class ClockBuffers(Site):
    """The clock buffers in the middle of a side."""

    wires = re.compile(r"G_CLKO_([BTLR]DCC\d+)")

    @classmethod
    def at(cls, device: Device, wire: Wire) -> tuple[int, int]:
        match = cls.wires.fullmatch(device.chip.name(wire))
        assert match is not None
        return _buffers(device.chip)[match[1]]

    def output(self, pin: str) -> Net:
        net = f"{self.place(pin)}.CLKO"
        return self.device.once(net, lambda: self._emit(pin, net))

    def _emit(self, name: str, net: Net) -> None:
        setting = f"DCC_{name[0]}{name[4:]}.MODE"
        tiles = self.tiles(setting, _SIDES[name[0]])
        inputs = {"CLKI": [self._global(f"G_CLKI_{name}")], "CE": [ONE]}
        if self.device.configuration.option(tiles, setting) == "DCCA":
            inputs["CE"] = [self._global(f"G_JCE_{name}")]
        self.emit(name, "DCCA", {}, inputs, {"CLKO": [net]})

    def _global(self, name: str) -> Net:
        """The net of a wire that belongs to the whole device."""
        return self.device.net(Wire(0, 0, self.device.chip.type_at(0, 0).wire_index[name]))


class Pll(Block):
    """A PLL."""

    wires = re.compile(r"J?(CLKOP|CLKOS\d?|LOCK|INTLOCK|REFCLK|CLKINTFB)_PLL")

    def __init__(self, device: Device, x: int, y: int) -> None:
        super().__init__(device, x, y)
        self._parts = [t for t in self.tiles("", (-1, 0, 1), (0, 1)) if self._is_part(t)]
        self.element = next(bel for bel in device.chip.bels(x, y) if bel.startswith("EHXPLL"))

    def _is_part(self, tile: str) -> bool:
        kind = self.device.configuration.tile(tile).kind
        return not kind.words.keys().isdisjoint(("CLKI_DIV", "CLKOP_DIV", "KVCO"))

    def drives(self, pin: str) -> bool:
        return self.device.configuration.option(self._parts, "MODE") == "EHXPLLL"

    def lift(self) -> None:
        configuration = self.device.configuration
        parameters: dict[str, int | str] = {}
        names = dict.fromkeys(
            name
            for tile in self._parts
            for name in (*configuration.tile(tile).kind.words, *configuration.tile(tile).kind.choices)
        )
        for name in names:
            if "." in name or name == "MODE":
                continue
            if configuration.knows(self._parts, name):
                parameters[name] = "|".join(sorted(configuration.options(self._parts, name)))
            else:
                parameters[name] = configuration.word(self._parts, name) + (name in _LESS_ONE)
        inputs = {name: [self._input(name)] for name in (*_INPUTS, *_CONTROLS)}
        outputs: dict[str, list[Net | None]] = {name: [f"{self.place(self.element)}.{name}"] for name in _OUTPUTS}
        self.emit(self.element, "EHXPLLL", parameters, inputs, outputs)

    def _input(self, name: str) -> Net:
        chip = self.device.chip
        wire = chip.wire(self.x, self.y, f"{name}_PLL") or chip.wire(self.x, self.y, f"J{name}_PLL")
        if wire is None:
            raise self.error(f"has no pin {name}", "is the part right?")
        return self.device.net(wire, UNDRIVEN)
