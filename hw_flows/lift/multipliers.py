# SPDX-License-Identifier: BSD-3-Clause
"""DSP48E1 (UG479), without cascades of A and B and without pattern detection.

Some pins have no way in from the interconnect whose bits are known: INMODE, ALUMODE[3:2], OPMODE[6], D and a few enables. A
constant there is a tie-off of the tile (`DSP_0_INMODE0.DSP_GND_L`); without it nobody knows what the pin reads, and the
multiplier is refused. A tie-off behind an inverter that is on is refused as well: the vendor's tools never make one.
"""

from __future__ import annotations

from hw_flows.lift.device import Device, Site
from hw_flows.lift.fabric import Pin
from hw_flows.lift.netlist import INVERTED, ONE, ZERO, Net
from hw_flows.lift.routing import Level

_DATA = {"A": 30, "B": 18, "C": 48, "D": 25}
#: Buses with an inverter at each bit.
_MODES = {"ALUMODE": 4, "INMODE": 5, "OPMODE": 7}
_SINGLE = (
    *(
        "CEA1",
        "CEA2",
        "CEAD",
        "CEALUMODE",
        "CEB1",
        "CEB2",
        "CEC",
        "CECARRYIN",
        "CECTRL",
        "CED",
        "CEINMODE",
        "CEM",
        "CEP",
    ),
    *("RSTA", "RSTALLCARRYIN", "RSTALUMODE", "RSTB", "RSTC", "RSTCTRL", "RSTD", "RSTINMODE", "RSTM", "RSTP"),
)
_REGISTERS = (
    "ADREG",
    "ALUMODEREG",
    "CARRYINREG",
    "CARRYINSELREG",
    "CREG",
    "DREG",
    "INMODEREG",
    "MREG",
    "OPMODEREG",
    "PREG",
)
#: Bits that change only what is refused here: registers in a cascade, and what a pattern is compared with.
_WITHOUT_EFFECT = (
    "ZAREG_2_ACASCREG_1",
    "ZBREG_2_BCASCREG_1",
    "SEL_MASK_C",
    "SEL_MASK_ROUNDING_MODE1",
    "SEL_MASK_ROUNDING_MODE2",
)


class Multiplier(Site):
    """A DSP48E1. It has no bit that says it is in use: any setting does."""

    def __init__(self, device: Device, tile: str, number: int) -> None:
        super().__init__(device, tile, number)
        self.element = f"DSP_{self.form.y}"
        self.prefix = f"DSP48.{self.element}"
        self._inputs: dict[str, list[Net]] = {}
        self._parameters: dict[str, int | str] = {}
        self._read: set[str] = set()
        self._started = False

    def start(self) -> None:
        if any(name.startswith(f"{self.prefix}.") for name in self.device.configuration.names(self.tile)):
            self._begin()

    def output(self, pin: str) -> Net:
        if pin.rstrip("0123456789") not in ("P", "PCOUT"):
            raise self.error(f"{pin} is in use, which is not understood")
        self._read.add(pin)
        self._begin()
        return self.net("DSP48E1", pin)

    def finish(self) -> None:
        if self._started:
            outputs = {
                bus: [self.net("DSP48E1", f"{bus}{i}") if f"{bus}{i}" in self._read else None for i in range(48)]
                for bus in ("P", "PCOUT")
            }
            self.emit("DSP48E1", "DSP48E1", self._parameters, self._inputs, outputs)

    def _begin(self) -> None:
        if not self._started:
            self._started = True
            self.device.later(self._connect)

    def _connect(self) -> None:
        base = self.prefix
        for name in ("A_INPUT", "B_INPUT", "AUTORESET_PATDET_RESET", "AUTORESET_PATDET_RESET_NOT_MATCH"):
            if self.on(f"{base}.{name}"):
                raise self.error(f"{name} is set, which is not understood")
        for name in _WITHOUT_EFFECT:
            self.on(f"{base}.{name}")
        for name in ("MASK", "PATTERN"):
            self.device.configuration.vector(self.tile, f"{base}.{name}")
        parameters = self._parameters
        for name in ("AREG", "BREG"):
            stages = self.one_of(f"{base}.{name}", ("0", "2"), "_")
            parameters[name] = 1 if stages is None else int(stages)
        for name in _REGISTERS:
            parameters[name] = int(not self.on(f"{base}.Z{name}"))
        parameters["USE_DPORT"] = "TRUE" if self.on(f"{base}.USE_DPORT") else "FALSE"
        four, two = (self.on(f"{base}.USE_SIMD_{name}") for name in ("FOUR12", "FOUR12_TWO24"))
        parameters["USE_SIMD"] = "FOUR12" if four else "TWO24" if two else "ONE48"
        for bus, width in _DATA.items():
            self._inputs[bus] = [self.input(f"{bus}{i}") for i in range(width)]
        for name in _SINGLE:
            self._inputs[name] = [self.input(name)]
        self._inputs["CARRYINSEL"] = [self.input(f"CARRYINSEL{i}") for i in range(3)]
        for bus, width in _MODES.items():
            pins = [(f"{bus}{i}", not self.on(f"{base}.ZIS_{bus}_INVERTED", i)) for i in range(width)]
            self._inverted(bus, pins)
        for name in ("CARRYIN", "CLK"):
            self._inverted(name, [(name, not self.on(f"{base}.ZIS_{name}_INVERTED"))])
        self._inputs["PCIN"] = self._cascade()

    def _inverted(self, bus: str, pins: list[tuple[str, bool]]) -> None:
        """Pins with an inverter each; inverted constants become constants."""
        nets, inversions = [], 0
        for i, (pin, inverted) in enumerate(pins):
            source = self.device.router.source_of(Pin(self.tile, self.number, pin))
            net = self.input(pin)
            if inverted and isinstance(source, Level) and self._is_tied(pin):
                raise self.error(f"{pin} is tied off behind an inverter that is on", "the inverter has to be off (ZIS)")
            if inverted and net in INVERTED:
                net, inverted = INVERTED[net], False
            inversions |= inverted << i
            nets.append(net)
        self._inputs[bus] = nets
        self._parameters[f"IS_{bus}_INVERTED"] = inversions

    def _is_tied(self, pin: str) -> bool:
        """Whether a constant is the tile's own one, not one of the interconnect."""
        wire = self.form.pins[pin]
        return any(source.startswith("DSP_") for source in self.device.router.switches_on(self.tile).get(wire, ()))

    def _cascade(self) -> list[Net]:
        """PCIN is wired to the multiplier below for good; it is read where OPMODE[5:4] can be 01."""
        high = self._inputs["OPMODE"][4:6]
        if high[0] == ZERO or high[1] == ONE:
            return [ZERO] * 48
        return [self.device.net_or_undriven(Pin(self.tile, self.number, f"PCIN{i}")) for i in range(48)]
