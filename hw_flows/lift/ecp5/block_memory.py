# SPDX-License-Identifier: BSD-3-Clause
"""Block memories: DP16KD, 18 kbit, with two ports (FPGA-TN-02204)."""

from __future__ import annotations

import re

from hw_flows.lift.ecp5.device import Block, Device
from hw_flows.lift.netlist import INVERTED, ONE, UNDRIVEN, ZERO, Net

PORTS = "AB"
CONTROLS = ("CLK", "CE", "OCE", "WE", "RST")
_WORDS = 2048
#: Width of a word of the two ports together, which port A writes and port B reads.
WIDEST = 36


class BlockMemory(Block):
    """The block memory at a location."""

    wires = re.compile(r"J(DO[AB]\d+)_EBR")

    def __init__(self, device: Device, x: int, y: int) -> None:
        super().__init__(device, x, y)
        self.element = next(bel for bel in device.chip.bels(x, y) if bel.startswith("EBR"))
        self._tiles = self.tiles(f"{self.element}.", (0, 1, 2))

    def _setting(self, name: str) -> str:
        return self.device.configuration.option(self._tiles, f"{self.element}.{name}")

    def _mode(self) -> str:
        """The inverter of a write enable has a bit that is one of PDPW16KD's, too."""
        return self.device.configuration.option(self._tiles, f"{self.element}.MODE", written_over=True)

    def drives(self, pin: str) -> bool:
        return self._mode() != "NONE"

    def lift(self) -> None:
        wide = self._mode() == "PDPW16KD"
        parameters: dict[str, int | str] = {}
        if wide:
            parameters["DATA_WIDTH_A"] = WIDEST
            parameters["DATA_WIDTH_B"] = int(self._setting("PDPW16KD.DATA_WIDTH_R"))
        else:
            for port in PORTS:
                parameters[f"DATA_WIDTH_{port}"] = int(self._setting(f"DP16KD.DATA_WIDTH_{port}"))
                parameters[f"WRITEMODE_{port}"] = self._setting(f"DP16KD.WRITEMODE_{port}")
        for name in ("REGMODE_A", "REGMODE_B", "RESETMODE", "ASYNC_RESET_RELEASE", "GSR"):
            parameters[name] = self._setting(name)
        inputs: dict[str, list[Net]] = {}
        for port in PORTS:
            for name in [f"AD{port}{i}" for i in range(14)] + [f"DI{port}{i}" for i in range(18)]:
                self._require_straight(name)
                # of a word as wide as both ports the fifth address bit has no meaning: four enable its bytes
                open_as = UNDRIVEN if wide and name == "ADA4" else None
                inputs[name] = [self.net(f"J{name}_EBR", open_as)]
            for name in (f"{control}{port}" for control in CONTROLS):
                inputs[name] = [self._control(name, wide, parameters)]
            for i in range(3):
                inputs[f"CS{port}{i}"] = [ZERO]
            self._require_selected(port)
            parameters[f"CSDECODE_{port}"] = "0b000"
        parameters.update(self._contents())
        base = self.place(self.element)
        outputs: dict[str, list[Net | None]] = {f"DO{p}{i}": [f"{base}.DO{p}{i}"] for p in PORTS for i in range(18)}
        self.emit(self.element, "DP16KD", parameters, inputs, outputs)

    def _require_straight(self, name: str) -> None:
        setting = f"{self.element}.{name}MUX"
        if self.device.configuration.knows(self._tiles, setting) and self._setting(f"{name}MUX") == "INV":
            raise self.error(f"the inverter of {name} is on")

    def _control(self, name: str, wide: bool, parameters: dict[str, int | str]) -> Net:
        """The net at a control; a constant behind the inverter, anything else with the inverter as a parameter.

        Of a memory as wide as both ports, port A writes always and port B never: its mode says so, whatever WEA and WEB read.
        """
        if wide and name in ("WEA", "WEB"):
            return ONE if name == "WEA" else ZERO
        net = self.net(f"J{name}_EBR")
        setting = self._setting(f"{name}MUX")
        if setting not in (name, "INV"):
            raise self.error(f"{name}MUX is {setting}")
        if setting == "INV":
            if net in INVERTED:
                return INVERTED[net]
            parameters[f"{name}MUX"] = "INV"
        return net

    def _require_selected(self, port: str) -> None:
        """The three selecting inputs are constant and what the port decodes, which is kept with bit 0 last."""
        decode = self.device.configuration.word(self._tiles, f"{self.element}.CSDECODE_{port}")
        for i in range(3):
            net = self.net(f"JCS{port}{i}_EBR")
            if net not in INVERTED:
                raise self.error(f"CS{port}{i} is not constant: memories that are selected are not understood")
            if int(net) != decode >> 2 - i & 1:
                raise self.error(f"port {port} is never selected: CS{port}{i} is {net}", "the bitstream is wrong")

    def _contents(self) -> dict[str, int]:
        """INITVAL_00 to INITVAL_3F: 16 words of 18 bits, each in 20."""
        number = self._number()
        words = self.device.configuration.memories.get(number, [0] * _WORDS)
        if len(words) != _WORDS:
            raise self.error(f"has {len(words)} words of contents, not {_WORDS}", "the bitstream is wrong")
        self.device.memories_read.add(number)
        found = {}
        for row in range(64):
            part = words[32 * row : 32 * row + 32]
            found[f"INITVAL_{row:02X}"] = sum(word << 20 * (i // 2) + 9 * (i % 2) for i, word in enumerate(part))
        return found

    def _number(self) -> int:
        """Of the memory's contents, kept with bit 0 last."""
        kept = self.device.configuration.word(self._tiles, f"{self.element}.WID")
        return int(f"{kept:09b}"[::-1], 2)
