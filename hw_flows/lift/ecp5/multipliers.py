# SPDX-License-Identifier: BSD-3-Clause
"""Multipliers: MULT18X18D that stands alone (FPGA-TN-02205). Its cascades, the pre-adder and ALU54B are refused."""

from __future__ import annotations

import re

from hw_flows.lift.ecp5.device import Block, Device
from hw_flows.lift.netlist import ZERO

WIDTH = 18
REGISTERS = ("INPUTA", "INPUTB", "INPUTC", "PIPELINE", "OUTPUT")
_LAST_COLUMN = 8
#: Settings without effect where every register is left out.
_OF_REGISTERS = re.compile(r"(?:REG_.*_(?:CE|RST)|CLK\d_DIV|(?:CLK|CE|RST)\dMUX|GSR|RESETMODE|SOURCEB_MODE)")


class Multiplier(Block):
    """The multiplier at a location."""

    wires = re.compile(r"J(P\d+)_MULT18")

    def __init__(self, device: Device, x: int, y: int) -> None:
        super().__init__(device, x, y)
        self.element = next(bel for bel in device.chip.bels(x, y) if bel.startswith("MULT18"))
        first = -int(self.element[-1])  # of the nine columns of a block
        self._tiles = self.tiles(f"{self.element}.", range(first, first + _LAST_COLUMN + 1))
        self._block = self.tiles("DSP_", range(first, first + _LAST_COLUMN + 1))

    def _setting(self, name: str) -> str:
        return self.device.configuration.option(self._tiles, f"{self.element}.{name}")

    def drives(self, pin: str) -> bool:
        return self._setting("MODE") != "NONE"

    def lift(self) -> None:
        parameters: dict[str, int | str] = {}
        for register in REGISTERS:
            clock = self._setting(f"REG_{register}_CLK")
            if clock != "NONE":
                raise self.error(f"the register {register} of {self.element} is in use")
            parameters[f"REG_{register}_CLK"] = clock
        if self._setting("CIBOUT_BYP") != "ON":
            raise self.error(
                f"the outputs of {self.element} do not go out past the register (CIBOUT_BYP)", "the bitstream is wrong"
            )
        side = "DSP_LEFT" if int(self.element[-1]) < 4 else "DSP_RIGHT"
        if self.device.configuration.option(self._block, f"{side}.CIBOUT") != "ON":
            raise self.error(f"the outputs of {self.element} are off ({side}.CIBOUT)", "the bitstream is wrong")
        names = {
            n
            for t in self._tiles
            for n in self.device.configuration.tile(t).kind.choices
            if n.startswith(f"{self.element}.")
        }
        for name in sorted(names):
            if _OF_REGISTERS.fullmatch(name.partition(".")[2]):
                self._setting(name.partition(".")[2])
        inputs = {f"{bus}{i}": [self.net(f"J{bus}{i}_MULT18")] for bus in "ABC" for i in range(WIDTH)}
        for name in ("SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"):
            inputs[name] = [self.net(f"J{name}_MULT18")]
        for name in ("SOURCEA", "SOURCEB"):
            if inputs[name] != [ZERO]:
                raise self.error(f"{name} of {self.element} is not 0: cascades are not understood")
        base = self.place(self.element)
        self.emit(self.element, "MULT18X18D", parameters, inputs, {f"P{i}": [f"{base}.P{i}"] for i in range(2 * WIDTH)})
