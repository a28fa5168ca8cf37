# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level program of the DSP48E2 (UG579, UG974): a pre-adder and a multiplier of 27 x 18 bits, an adder of four operands of 48
bits, with registers between them.

Without pattern detector, SIMD, wide XOR, logic operations, control registers and cascaded A and B. It is made of the simulator's
multiplier, carry bits, LUTs and flip-flops: what constants choose costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hw_flows.families.netlist import ONE, ZERO, Cell
from hw_flows.families.program import Program

P_BITS, A_BITS, B_BITS, PRE_BITS = 48, 30, 18, 27
_ZEROS = [ZERO] * P_BITS
_PRODUCT = [ONE, ZERO]
"""As X and Y are told to take the multiplier's two partial products, of which neither is anything by itself."""


def dsp48e2(cell: Cell, program: Program) -> None:
    _require_plain(cell)
    bus = _Buses(cell, program)
    a1, a2 = bus.registered("A", cell.input("A", A_BITS), 2)
    b1, b2 = bus.registered("B", cell.input("B", B_BITS), 2)
    _, c = bus.registered("C", cell.input("C", P_BITS), 1)
    inmode, opmode, alumode = cell.input("INMODE", 5), cell.input("OPMODE", 9), cell.input("ALUMODE", 4)
    if any(net != ZERO for net in alumode[2:]):
        raise cell.error("a logic operation (ALUMODE[3:2]) has no model")
    if _PRODUCT in (opmode[:2], opmode[2:4]) and opmode[:2] != opmode[2:4]:
        raise cell.error("OPMODE gives X the product without Y, or Y without X, which has no model")

    a = bus.chosen(inmode[:1], {0: a2[:PRE_BITS], 1: a1[:PRE_BITS]})
    a = bus.gated(a, program.inverted(cell.name, inmode[1]))
    if cell.choice("AMULTSEL", "A", ("A", "AD")) == "AD":
        _, d = bus.registered("D", cell.input("D", PRE_BITS), 1)
        pre_sum = bus.sum(bus.gated(d, inmode[2]), bus.inverted(a, inmode[3]), inmode[3])
        _, a = bus.registered("AD", pre_sum, 1)
    else:
        cell.without_effect("D", "DREG", "ADREG")
    b = bus.chosen(inmode[4:], {0: b2, 1: b1})
    _, product = bus.registered("M", bus.product(a, b), 1)

    out = program.connected(cell.output("P", P_BITS))
    registered = cell.number_among("PREG", 1, (0, 1))
    p = out if registered else _ZEROS  # what is fed back is the register
    pcin, rounding = cell.input("PCIN", P_BITS), cell.number("RND")
    w = bus.chosen(opmode[7:], {0: _ZEROS, 1: p, 2: [rounding >> i & 1 for i in range(P_BITS)], 3: c})
    # The multiplier gives two partial products, one to X and one to Y: here X has their sum.
    x = bus.chosen(opmode[:2], {0: _ZEROS, 1: [*product, *product[-1:] * 3], 2: p, 3: [*b2, *a2]})
    y = bus.chosen(opmode[2:4], {0: _ZEROS, 1: _ZEROS, 2: [ONE] * P_BITS, 3: c})
    far, near = ([*bits[17:], *bits[-1:] * 17] for bits in (pcin, p))
    z = bus.chosen(opmode[4:7], {0: _ZEROS, 1: pcin, 2: p, 3: c, 4: p, 5: far, 6: near, 7: near})
    total = bus.sum(bus.inverted(z, alumode[0]), x, cell.wire("CARRYIN"))
    total = bus.inverted(bus.sum(bus.sum(total, y, ZERO), w, ZERO), alumode[1])
    if registered:
        bus.clocked(total, "P", "P", out)
    else:
        bus.join(total, out)
    bus.join(out, cell.output("PCOUT", P_BITS))


def _require_plain(cell: Cell) -> None:
    for name in ("ALUMODEREG", "CARRYINREG", "CARRYINSELREG", "INMODEREG", "OPMODEREG"):
        cell.number_among(name, 1, (0,))
    resets = ("A", "ALLCARRYIN", "ALUMODE", "B", "C", "CTRL", "D", "INMODE", "M", "P")
    for name in ("ALUMODE", "CARRYIN", "CLK", "INMODE", "OPMODE", *(f"RST{name}" for name in resets)):
        cell.number_among(f"IS_{name}_INVERTED", 0, (0,))
    for name, only in (
        ("A_INPUT", "DIRECT"),
        ("B_INPUT", "DIRECT"),
        ("USE_SIMD", "ONE48"),
        ("USE_PATTERN_DETECT", "NO_PATDET"),
        ("USE_MULT", "MULTIPLY"),
        ("USE_WIDEXOR", "FALSE"),
        ("AUTORESET_PATDET", "NO_RESET"),
        ("BMULTSEL", "B"),
        ("PREADDINSEL", "A"),
    ):
        cell.choice(name, only, (only,))
    cell.tied("CARRYINSEL", ZERO, width=3)
    parameters = ("ACASCREG", "BCASCREG", "AUTORESET_PRIORITY", "SEL_MASK", "SEL_PATTERN", "MASK", "PATTERN", "XORSIMD")
    cascades = ("ACIN", "BCIN", "CARRYCASCIN", "MULTSIGNIN")
    controls = ("CEALUMODE", "CECARRYIN", "CECTRL", "CEINMODE", "RSTALLCARRYIN", "RSTALUMODE", "RSTCTRL", "RSTINMODE")
    cell.without_effect(*parameters, *cascades, *controls)


class _Buses:
    """What the nets of one DSP48E2 are made of, from bit 0 up. Constants stay nets without a cell where they can."""

    def __init__(self, cell: Cell, program: Program) -> None:
        self._cell, self._program, self._clock = cell, program, cell.wire("CLK")
        enables = ("A1", "A2", "B1", "B2", "C", "D", "AD", "M", "P")
        self._enables = {name: cell.wire(f"CE{name}") for name in enables}
        self._resets = {name: cell.wire(f"RST{name}") for name in ("A", "B", "C", "D", "M", "P")}

    def registered(self, name: str, data: Sequence[int], most: int) -> tuple[list[int], list[int]]:
        """The first register of A or B (empty where there is none), and the bus behind as many as the parameter says."""
        stages = self._cell.number_among(f"{name}REG", 1, tuple(range(most + 1)))
        if stages == 0:
            return [], list(data)
        reset = "D" if name == "AD" else name
        if most == 1:
            return [], self.clocked(data, name, reset)
        first = self.clocked(data, f"{name}1", reset)
        return first, self.clocked(first if stages == 2 else data, f"{name}2", reset)

    def clocked(self, data: Sequence[int], enable: str, reset: str, out: Sequence[int] | None = None) -> list[int]:
        self._program.clock(self._cell.name, self._clock)
        nets = [self._program.net() for _ in data] if out is None else list(out)
        on, off = self._enables[enable], self._resets[reset]
        for d, q in zip(data, nets, strict=True):
            self._program.flip_flop(d, q, enable=on, reset=off, value=0, initial=0)
        return nets

    def chosen(self, select: Sequence[int], buses: Mapping[int, Sequence[int]]) -> list[int]:
        """The bus of the number that the nets `select` read. An empty one is a register that is not there."""
        constant = all(net in (ZERO, ONE) for net in select)
        numbers = [sum(net << k for k, net in enumerate(select))] if constant else sorted(buses)
        if not all(buses[number] for number in numbers):
            raise self._cell.error("INMODE chooses a register that is not there, which has no model")
        rows = [list(buses[number]) for number in numbers]
        for net in () if constant else select:
            rows = [
                [
                    self._program.multiplex(self._cell.name, zero, one, net, None)
                    for zero, one in zip(*pair, strict=True)
                ]
                for pair in zip(rows[::2], rows[1::2], strict=True)
            ]
        return rows[0]

    def gated(self, bus: Sequence[int], enable: int) -> list[int]:
        """Zero where `enable` is 0."""
        if enable in (ZERO, ONE):
            return list(bus) if enable == ONE else [ZERO] * len(bus)
        return [self._program.lut(self._cell.name, 0b1000, [bit, enable], None) for bit in bus]

    def inverted(self, bus: Sequence[int], invert: int) -> list[int]:
        """The complement where the net `invert` is 1."""
        if invert in (ZERO, ONE):
            return [self._program.inverted(self._cell.name, bit, invert) for bit in bus]
        return [self._program.lut(self._cell.name, 0b0110, [bit, invert], None) for bit in bus]

    def sum(self, one: Sequence[int], other: Sequence[int], carry: int) -> list[int]:
        if carry == ZERO and not any(other):
            return list(one)
        if carry == ZERO and not any(one):
            return list(other)
        total = []
        for a, b in zip(one, other, strict=True):
            half = self._program.lut(self._cell.name, 0b0110, [a, b], None)
            total.append(self._program.net())
            carry = self._program.carry(self._cell.name, half, a, carry, total[-1], None)
        return total

    def product(self, a: Sequence[int], b: Sequence[int]) -> list[int]:
        out = [self._program.net() for _ in (*a, *b)]
        self._program.multiply(self._cell.name, a, b, (ONE, ONE), out)
        return out

    def join(self, bus: Sequence[int], out: Sequence[int | None]) -> None:
        for source, net in zip(bus, out, strict=True):
            if net is not None:
                self._program.lut(self._cell.name, 0b10, [source], net)
