# SPDX-License-Identifier: BSD-3-Clause
"""Logic of a location: eight LUTs with their multiplexers, carry chains, flip-flops, and memories of LUTs (FPGA-DS-02012).

LUT i is K0 or K1 of slice ABCD[i / 2]. Its multiplexer joins, in K0, the two LUTs of the slice, and in K1 two such pairs.
"""

from __future__ import annotations

import re

from hw_flows.lift.ecp5.device import Device, Site
from hw_flows.lift.netlist import ONE, UNDRIVEN, ZERO, Net
from hw_flows.lift.tables import essential

SLICES = "ABCD"
PINS = "ABCD"
#: Where the bits of a 16x4 memory's address and data come in: inputs of the two LUTs of slice C, bit 0 first.
WRITE_ADDRESS, WRITE_DATA = ("D4", "B4", "C4", "A4"), ("C5", "A5", "D5", "B5")
#: A LUT's inputs as address of the memory, bit 0 first.
READ_ADDRESS = "DBCA"


class Logic(Site):
    """The slices of one location."""

    wires = re.compile(r"((?:F|Q|F5|FX|FCO|WDO|WADO).*)_SLICE")

    def __init__(self, device: Device, x: int, y: int) -> None:
        super().__init__(device, x, y)
        self.tile = self.tiles("SLICEA.", (0,))

    def drives(self, pin: str) -> bool:
        match = re.fullmatch(r"FCO([ABC]?)", pin)
        return match is None or self.mode(match[1] or "D") == "CCU2"

    def output(self, pin: str) -> Net:
        if match := re.fullmatch(r"([FQ])([0-7])", pin):
            number = int(match[2])
            return self.lut(number) if match[1] == "F" else self._flip_flop(number)
        if match := re.fullmatch(r"(F5|FX)([ABCD])", pin):
            return self._multiplexer(match[2], wide=match[1] == "FX")
        if match := re.fullmatch(r"FCO([ABC]?)", pin):
            return self._carry(match[1] or "D", "K1.FCO")
        raise self.error(f"{pin} drives a net, which is not understood")

    # --- settings ---------------------------------------------------------------------------------------------------

    def _setting(self, name: str) -> str:
        return self.device.configuration.option(self.tile, name)

    def _flag(self, name: str, on: str, off: str) -> bool:
        value = self._setting(name)
        if value not in (on, off):
            raise self.error(f"{name} is {value}")
        return value == on

    def mode(self, slice_: str) -> str:
        return self._setting(f"SLICE{slice_}.MODE")

    def table(self, number: int) -> int:
        """The 16 bits of LUT `number`, bit k for inputs D..A that read k."""
        return self.device.configuration.word(self.tile, f"SLICE{SLICES[number // 2]}.K{number % 2}.INIT")

    def lut_input(self, number: int, pin: str) -> Net:
        """The net at an input of a LUT; one that nothing drives and that is not tied is undefined."""
        if self._tied(number, pin):
            return ONE
        return self.net(f"{pin}{number}_SLICE", UNDRIVEN)

    def _tied(self, number: int, pin: str) -> bool:
        setting = f"SLICE{SLICES[number // 2]}.{pin}{number % 2}MUX"
        return self._flag(setting, "1", f"{pin}{number % 2}")

    def _level_or_name(self, number: int, pin: str) -> Net:
        """What a pin reads where that is constant, else its name."""
        if self._tied(number, pin):
            return ONE
        level = self.device.level(self.wire(f"{pin}{number}_SLICE"))
        return pin if level is None or level == UNDRIVEN else level

    # --- LUTs and multiplexers ----------------------------------------------------------------------------------------

    def lut(self, number: int) -> Net:
        """The output of a LUT."""
        slice_ = SLICES[number // 2]
        mode = self.mode(slice_)
        if mode == "CCU2":
            return self._carry(slice_, f"K{number % 2}.F")
        if mode == "DPRAM":
            return self._memory(number)
        if mode != "LOGIC":
            raise self.error(f"a LUT of slice {slice_} drives a net, but its mode is {mode}")
        rest, inputs = essential(self.table(number), [self._level_or_name(number, pin) for pin in PINS])
        if not inputs:
            return ONE if rest & 1 else ZERO
        net = self._net(number, "F")
        return self.device.once(net, lambda: self._emit_lut(number, net))

    def _net(self, number: int, pin: str) -> Net:
        return self.place(f"SLICE{SLICES[number // 2]}.K{number % 2}.{pin}")

    def _emit_lut(self, number: int, net: Net) -> None:
        # Only what has an effect is asked for: other inputs may be routed, even from the LUT's own output.
        names = essential(self.table(number), [self._level_or_name(number, pin) for pin in PINS])
        table, inputs = essential(names[0], [self.net(f"{pin}{number}_SLICE") for pin in names[1]])
        ports = [*inputs, *[ZERO] * (4 - len(inputs))]
        width = 1 << len(inputs)
        init = sum((table >> k % width & 1) << k for k in range(16))
        cell = {pin: [source] for pin, source in zip(PINS, ports, strict=True)}
        self.emit(f"SLICE{SLICES[number // 2]}.K{number % 2}", "LUT4", {"INIT": init}, cell, {"Z": [net]})

    def _multiplexer(self, slice_: str, wide: bool) -> Net:
        number = 2 * SLICES.index(slice_) + wide
        net = self._net(number, "OFX")
        return self.device.once(net, lambda: self._emit_multiplexer(number, slice_, wide, net))

    def _emit_multiplexer(self, number: int, slice_: str, wide: bool, net: Net) -> None:
        select = self._selecting(number, slice_)
        element = f"SLICE{slice_}.K{number % 2}/OFX"
        if wide:
            inputs = {"D0": [self.net(f"FXA{slice_}_SLICE")], "D1": [self.net(f"FXB{slice_}_SLICE")], "SD": [select]}
            self.emit(element, "L6MUX21", {}, inputs, {"Z": [net]})
        else:
            luts = {"BLUT": [self.lut(number)], "ALUT": [self.lut(number + 1)]}
            self.emit(element, "PFUMX", {}, {**luts, "C0": [select]}, {"Z": [net]})

    def _selecting(self, number: int, slice_: str) -> Net:
        if self._flag(f"SLICE{slice_}.M{number % 2}MUX", "1", f"M{number % 2}"):
            return ONE
        return self.net(f"M{number}_SLICE")

    # --- carry chain ------------------------------------------------------------------------------------------------

    def _carry(self, slice_: str, pin: str) -> Net:
        if self.mode(slice_) != "CCU2":
            raise self.error(f"the carry of slice {slice_} drives a net, but it is no carry chain")
        net = self.place(f"SLICE{slice_}.{pin}")
        self.device.once(self.place(f"SLICE{slice_}.carry"), lambda: self._emit_carry(slice_))
        return net

    def _emit_carry(self, slice_: str) -> None:
        first = 2 * SLICES.index(slice_)
        suffix = "" if slice_ == "A" else slice_
        parameters: dict[str, int | str] = {}
        inputs = {"CIN": [self._carry_in(f"FCI{suffix}_SLICE")]}
        for half in (0, 1):
            parameters[f"INIT{half}"] = self.table(first + half)
            parameters[f"INJECT1_{half}"] = self._setting(f"SLICE{slice_}.CCU2.INJECT1_{half}")
            for pin in PINS:
                inputs[f"{pin}{half}"] = [self.lut_input(first + half, pin)]
        base = self.place(f"SLICE{slice_}")
        outputs: dict[str, list[Net | None]] = {
            "S0": [f"{base}.K0.F"],
            "S1": [f"{base}.K1.F"],
            "COUT": [f"{base}.K1.FCO"],
        }
        self.emit(f"SLICE{slice_}", "CCU2C", parameters, inputs, outputs)

    def _carry_in(self, name: str) -> Net:
        """The carry that comes in; undefined where the neighbour is no carry chain: then it must not matter."""
        return self.net(name, UNDRIVEN)

    # --- flip-flops -------------------------------------------------------------------------------------------------

    def _flip_flop(self, number: int) -> Net:
        net = self.place(f"SLICE{SLICES[number // 2]}.FF{number % 2}.Q")
        return self.device.once(net, lambda: self._emit_flip_flop(number, net))

    def _emit_flip_flop(self, number: int, net: Net) -> None:
        slice_, half = SLICES[number // 2], number % 2
        from_lut = self._flag(f"SLICE{slice_}.REG{half}.SD", "1", "0")
        data = self.net(f"DI{number}_SLICE") if from_lut else self._selecting(number, slice_)
        parameters: dict[str, int | str] = {
            "GSR": self._setting(f"SLICE{slice_}.GSR"),
            "REGSET": self._setting(f"SLICE{slice_}.REG{half}.REGSET"),
            "LSRMODE": self._setting(f"SLICE{slice_}.REG{half}.LSRMODE"),
            "CEMUX": self._setting(f"SLICE{slice_}.CEMUX"),
        }
        clock = self._chosen(f"MUXCLK{number // 2}", "CLK")
        if clock is None:
            raise self.error(f"FF{half} of slice {slice_} is read, but has no clock", "a switch is missing")
        parameters["CLKMUX"] = self._setting(f"{clock}.CLKMUX")
        inputs = {"DI": [data], "CLK": [self.net(clock)]}
        reset = self._chosen(f"MUXLSR{number // 2}", "LSR")
        if reset is None:
            inputs["LSR"] = [ZERO]
        else:
            parameters["SRMODE"] = self._setting(f"{reset}.SRMODE")
            parameters["LSRMUX"] = self._setting(f"{reset}.LSRMUX")
            inputs["LSR"] = [self.net(reset)]
        inputs["CE"] = [self.net(f"CE{number // 2}_SLICE") if parameters["CEMUX"] in ("CE", "INV") else ONE]
        self.emit(f"SLICE{slice_}.FF{half}", "TRELLIS_FF", parameters, inputs, {"Q": [net]})

    def _chosen(self, multiplexer: str, kind: str) -> str | None:
        """Which of the location's two clocks or resets a slice takes; None where it takes none."""
        sources = [
            source
            for source in (f"{kind}0", f"{kind}1")
            if self.device.router.is_on(self.wire(multiplexer), self.wire(source))
        ]
        if len(sources) > 1:
            raise self.error(f"{multiplexer} has two sources", "the bitstream is wrong")
        return sources[0] if sources else None

    # --- memories ---------------------------------------------------------------------------------------------------

    def _memory(self, number: int) -> Net:
        """The read data of a bit of the 16x4 memory that slices A and B are, with slice C as its write port."""
        self.device.once(self.place("SLICEC.RAMW.memory"), self._emit_memory)
        return self._net(number, "F")

    def _emit_memory(self) -> None:
        modes = [self.mode(slice_) for slice_ in "ABC"]
        if modes != ["DPRAM", "DPRAM", "RAMW"]:
            raise self.error(f"a memory of LUTs has slices in the modes {', '.join(modes)}")
        reads = [[self.lut_input(number, pin) for pin in READ_ADDRESS] for number in range(4)]
        if any(read != reads[0] for read in reads):
            raise self.error("the bits of a memory of LUTs are read at different addresses")
        initial = 0
        for number in range(4):
            table = self.table(number)
            for word in range(16):
                index = sum((word >> i & 1) << PINS.index(pin) for i, pin in enumerate(READ_ADDRESS))
                initial |= (table >> index & 1) << 4 * word + number
        for number in (4, 5):
            self.table(number)  # the write port has none
        parameters: dict[str, int | str] = {"INITVAL": initial, "WREMUX": self._setting("SLICEA.WREMUX")}
        clock = self._setting("CLK1.CLKMUX")
        parameters["WCKMUX"] = "WCK" if clock == "CLK" else clock
        inputs = {
            "DI": [self._write_input(name) for name in WRITE_DATA],
            "WAD": [self._write_input(name) for name in WRITE_ADDRESS],
            "RAD": reads[0],
            "WRE": [self.net("WRE0_SLICE") if parameters["WREMUX"] in ("WRE", "INV") else ONE],
            "WCK": [self.net("WCK0_SLICE")],
        }
        self.emit("SLICEC.RAMW", "TRELLIS_DPR16X4", parameters, inputs, {"DO": [self._net(i, "F") for i in range(4)]})

    def _write_input(self, name: str) -> Net:
        return self.lut_input(int(name[1]), name[0])
