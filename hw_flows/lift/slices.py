# SPDX-License-Identifier: BSD-3-Clause
"""Slices (UG474): look-up tables, multiplexers between them, carry chains and flip-flops.

A slice has four columns A to D: a LUT of six inputs, whose lower half is a LUT of five inputs with an output O5 of its own,
a bit of the carry chain, and two flip-flops, of which the second ("5FF") takes O5 or the bypass input only.
"""

from __future__ import annotations

from hw_flows.lift.device import Device, Site
from hw_flows.lift.fabric import Pin
from hw_flows.lift.lut_memory import LutMemory
from hw_flows.lift.netlist import ONE, ZERO, Net
from hw_flows.lift.routing import Level
from hw_flows.lift.tables import essential

COLUMNS = "ABCD"
_OUTPUT_CHOICES = ("O5", "O6", "XOR", "CY", "F7", "F8", "MC31", "A5Q", "B5Q", "C5Q", "D5Q")
_INPUT_CHOICES = ("O5", "O6", "XOR", "CY", "F7", "F8", "MC31", "AX", "BX", "CX", "DX")
#: The multiplexers, by the column whose output they use: (name, inputs for 0 and 1, select pin).
_MULTIPLEXERS = {
    "A": ("F7AMUX", ("B.O6", "A.O6"), "AX"),
    "B": ("F8MUX", ("C.F7", "A.F7"), "BX"),
    "C": ("F7BMUX", ("D.O6", "C.O6"), "CX"),
}


class Slice(Site):
    """A SLICEL or SLICEM."""

    def __init__(self, device: Device, tile: str, number: int) -> None:
        super().__init__(device, tile, number)
        self.prefix = f"{self.form.kind}_X{self.form.x}"
        self._carry: dict[str, Net] = {}
        """Inputs of the carry chain that somebody needs."""
        self._carry_outputs: set[str] = set()
        self._made: set[str] = set()
        self._memory = LutMemory(self) if self.form.kind == "SLICEM" else None

    def start(self) -> None:
        for column in COLUMNS:
            for element in (f"{column}FF", f"{column}5FF"):
                if self._data_of(element) is not None:
                    self._flip_flop(element)
        if self._memory is not None:
            self._memory.start()

    def output(self, pin: str) -> Net:
        if pin in COLUMNS:
            return self.signal(pin, "O6")
        if pin == "COUT":
            return self.signal("D", "CY")
        column = pin[0]
        if pin[1:] == "Q":
            return self._flip_flop(f"{column}FF")
        choice = self.one_of(f"{self.prefix}.{column}OUTMUX", _OUTPUT_CHOICES)
        if choice is None:
            raise self.error(f"{pin} drives a net, but its multiplexer is off", "the bitstream is wrong")
        return self.signal(column, choice)

    def signal(self, column: str, name: str) -> Net:
        """A signal within the slice, by the names of the multiplexers' settings."""
        if name in ("O5", "O6"):
            return self._lut(column, name)
        if name == "MC31":
            if self._memory is None:
                raise self.error("a shift register's end is in use in a slice that has none", "the bitstream is wrong")
            return self._memory.end_of(column)
        if name in ("F7", "F8"):
            return self._multiplexer(column)
        if name in ("CY", "XOR"):
            return self._carry_bit(column, name)
        if name.endswith("5Q"):
            return self._flip_flop(f"{column}5FF")
        return self.input(name)

    def address(self, column: str, count: int = 6) -> list[Net]:
        """Nets at the LUT's inputs from A1."""
        return [self.input(f"{column}{i}") for i in range(1, count + 1)]

    def table(self, column: str) -> int:
        """The 64 bits of a column's LUT, bit k for inputs A6..A1 that read k."""
        return self.device.configuration.vector(self.tile, f"{self.prefix}.{column}LUT.INIT")

    def clock(self) -> tuple[Net, int]:
        """The slice's clock and whether it is inverted."""
        return self.input("CLK"), int(self.on(f"{self.prefix}.CLKINV"))

    # --- logic ------------------------------------------------------------------------------------------------------

    def _lut(self, column: str, output: str) -> Net:
        if self._memory is not None and self._memory.mode(column) is not None:
            return self._memory.output(column, output)
        width = 6 if output == "O6" else 5
        table = self.table(column) & ((1 << (1 << width)) - 1)
        # Constants are told at once, also those that came through a LUT: an inverter behind it must know.
        rest, inputs = essential(table, [self._level_or_name(f"{column}{i}") for i in range(1, width + 1)])
        if not inputs:
            return ONE if rest & 1 else ZERO
        element = f"{column}{width}LUT"
        net = self.net(element, output)
        if element not in self._made:
            self._made.add(element)
            self.device.later(lambda: self._emit_lut(element, column, width, table, net))
        return net

    def _level_or_name(self, pin: str) -> Net:
        """What a pin reads where that is constant, else its name."""
        source = self.device.router.source_of(Pin(self.tile, self.number, pin))
        return (ONE if source.value else ZERO) if isinstance(source, Level) else pin

    def _emit_lut(self, element: str, column: str, width: int, table: int, net: Net) -> None:
        table, inputs = essential(table, self.address(column, width))
        if not inputs:
            table, inputs = 3 * (table & 1), [ZERO]
        ports = {f"I{i}": [source] for i, source in enumerate(inputs)}
        self.emit(element, f"LUT{len(inputs)}", {"INIT": table}, ports, {"O": [net]})

    def _multiplexer(self, column: str) -> Net:
        element, sources, select = _MULTIPLEXERS[column]
        net = self.net(element, "OUT")
        if element not in self._made:
            self._made.add(element)
            self.device.later(lambda: self._emit_multiplexer(element, sources, select, net))
        return net

    def _emit_multiplexer(self, element: str, sources: tuple[str, str], select: str, net: Net) -> None:
        zero, one = (self.signal(*source.split(".")) for source in sources)
        kind = "MUXF8" if element == "F8MUX" else "MUXF7"
        self.emit(element, kind, {}, {"I0": [zero], "I1": [one], "S": [self.input(select)]}, {"O": [net]})

    # --- carry chain ------------------------------------------------------------------------------------------------

    def _carry_bit(self, column: str, name: str) -> Net:
        """XOR: the sum bit O; CY: the carry CO."""
        bit = COLUMNS.index(column)
        pin = f"O{bit}" if name == "XOR" else f"CO{bit}"
        if pin not in self._carry_outputs:
            self._carry_outputs.add(pin)
            self.device.later(lambda: self._need_carry(bit, name == "CY"))
        return self.net("CARRY4", pin)

    def _need_carry(self, bit: int, carries: bool) -> None:
        """Follow the inputs of the chain up to `bit`."""
        if "CI" not in self._carry:
            start = self.one_of(f"{self.prefix}.PRECYINIT", ("AX", "CIN", "C0", "C1"))
            if start is None:
                raise self.error("the carry chain in use has no known start (PRECYINIT)", "the bitstream is wrong")
            self._carry["CI"] = self.input("CIN") if start == "CIN" else ZERO
            self._carry["CYINIT"] = {"CIN": ZERO, "C0": ZERO, "C1": ONE}[start] if start != "AX" else self.input("AX")
        for i, column in enumerate(COLUMNS[: bit + 1]):
            if f"S{i}" not in self._carry:
                self._carry[f"S{i}"] = self.signal(column, "O6")
            if f"DI{i}" not in self._carry and (carries or i < bit):
                from_lut = self.on(f"{self.prefix}.CARRY4.{column}CY0")
                self._carry[f"DI{i}"] = self.signal(column, "O5" if from_lut else f"{column}X")

    def finish(self) -> None:
        if self._memory is not None:
            self._memory.finish()
        if self._carry_outputs:
            for column in COLUMNS:  # also of bits beyond the last one that is read
                self.on(f"{self.prefix}.CARRY4.{column}CY0")
            inputs = {name: [self._carry[name]] for name in ("CI", "CYINIT")}
            for bus in ("S", "DI"):
                inputs[bus] = [self._carry.get(f"{bus}{i}", ZERO) for i in range(4)]
            outputs = {
                bus: [self.net("CARRY4", f"{bus}{i}") if f"{bus}{i}" in self._carry_outputs else None for i in range(4)]
                for bus in ("O", "CO")
            }
            self.emit("CARRY4", "CARRY4", {}, inputs, outputs)

    # --- flip-flops -------------------------------------------------------------------------------------------------

    def _data_of(self, element: str) -> str | None:
        """The signal that a flip-flop takes; None where it is not in use."""
        column, base = element[0], f"{self.prefix}.{element}MUX"
        if element[1] == "5":
            choice = self.one_of(base, ("IN_A", "IN_B"))
            return None if choice is None else {"IN_A": "O5", "IN_B": f"{column}X"}[choice]
        return self.one_of(base, _INPUT_CHOICES)

    def _flip_flop(self, element: str) -> Net:
        net = self.net(element, "Q")
        if element not in self._made:
            if self._data_of(element) is None:
                raise self.error(f"{element} drives a net, but takes no data", "the bitstream is wrong")
            self._made.add(element)
            self.device.later(lambda: self._emit_flip_flop(element, net))
        return net

    def _emit_flip_flop(self, element: str, net: Net) -> None:
        data = self._data_of(element)
        assert data is not None
        if self.on(f"{self.prefix}.LATCH"):
            raise self.error(f"{element} is a latch")
        sets = not self.on(f"{self.prefix}.{element}.ZRST")
        initial = int(not self.on(f"{self.prefix}.{element}.ZINI"))
        if self.on(f"{self.prefix}.FFSYNC"):
            kind, control = ("FDSE", "S") if sets else ("FDRE", "R")
        else:
            kind, control = ("FDPE", "PRE") if sets else ("FDCE", "CLR")
        clock, inverted = self.clock()
        enable = self.input("CE") if self.on(f"{self.prefix}.CEUSEDMUX") else ONE
        reset = self.input("SR") if self.on(f"{self.prefix}.SRUSEDMUX") else ZERO
        self.emit(
            element,
            kind,
            {"INIT": initial, "IS_C_INVERTED": inverted},
            {"C": [clock], "CE": [enable], control: [reset], "D": [self.signal(element[0], data)]},
            {"Q": [net]},
        )
