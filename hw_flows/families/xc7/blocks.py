# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of the 7-series block memories (UG473) and of the DSP48E1 (UG479), as far as Yosys uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hw_flows.families.amd.block_memory import Cascade, PortPins, memory, plain_configuration, widths
from hw_flows.families.netlist import UNDEFINED, ZERO, Cell
from hw_flows.families.program import Dsp48, Model, Program


def block_memory(rows: int) -> Model:
    """RAMB18E1 of 64 rows of 256 bits, RAMB36E1 of 128."""
    pins = PortPins(
        data_in=("DIADI", "DIBDI"),
        parity_in=("DIPADIP", "DIPBDIP"),
        data_out=("DOADO", "DOBDO"),
        parity_out=("DOPADOP", "DOPBDOP"),
        address_bits=14 if rows == 64 else 16,
        write_mode="WRITE_FIRST",
    )

    def model(cell: Cell, program: Program) -> None:
        simple = cell.choice("RAM_MODE", "TDP", ("TDP", "SDP")) == "SDP"
        plain_configuration(cell, default_register=0)
        cell.without_effect("SIM_DEVICE", "RDADDR_COLLISION_HWCONFIG")
        cascades = [_Chain.of(cell, letter, rows) for letter in "AB"]
        memory(cell, program, rows, pins, widths(cell), simple=simple, cascades=cascades)

    return model


@dataclass
class _Chain(Cascade):
    """What makes two RAMB36E1 one memory of 64 K x 1 (UG473, "Cascadable Block RAM"): bit 15 of the address chooses.

    The lower one's bit comes out through the upper one, which remembers the bit 15 of what it read.
    """

    extends: Literal["", "LOWER", "UPPER"] = ""
    into: int = UNDEFINED
    out: int | None = None

    @classmethod
    def of(cls, cell: Cell, letter: str, rows: int) -> _Chain:
        extension = cell.choice(
            f"RAM_EXTENSION_{letter}", "NONE", ("NONE", "LOWER", "UPPER") if rows == 128 else ("NONE",)
        )
        into, out = cell.wire(f"CASCADEIN{letter}"), cell.output(f"CASCADEOUT{letter}")[0]
        if extension == "NONE":
            if out is not None:
                raise cell.error(f"CASCADEOUT{letter} is in use without RAM_EXTENSION_{letter}, which has no model")
            return cls()
        return cls("UPPER" if extension == "UPPER" else "LOWER", into, out)

    def own_half(self, cell: Cell, program: Program, address_bit: int, enable: int) -> int:
        return program.lut(cell.name, 0b1000 if self.extends == "UPPER" else 0b0010, [enable, address_bit], None)

    def read_through(self, cell: Cell, program: Program, enable: int, address_bit: int, out: int | None) -> int | None:
        if self.extends != "UPPER" or out is None:
            return out
        own, was = program.net(), program.net()
        program.flip_flop(address_bit, was, enable=enable, reset=ZERO, value=0, initial=0)
        program.multiplex(cell.name, self.into, own, was, out)
        return own


def dsp48(cell: Cell, program: Program) -> None:
    for name in ("ALUMODEREG", "CARRYINREG", "CARRYINSELREG", "INMODEREG", "OPMODEREG"):
        cell.number_among(name, 1, (0,))
    for name in (
        "IS_ALUMODE_INVERTED",
        "IS_CARRYIN_INVERTED",
        "IS_CLK_INVERTED",
        "IS_INMODE_INVERTED",
        "IS_OPMODE_INVERTED",
    ):
        cell.number_among(name, 0, (0,))
    for name in ("A_INPUT", "B_INPUT"):
        cell.choice(name, "DIRECT", ("DIRECT",))
    cell.choice("USE_SIMD", "ONE48", ("ONE48",))
    cell.choice("USE_PATTERN_DETECT", "NO_PATDET", ("NO_PATDET",))
    cell.choice("USE_MULT", "MULTIPLY", ("MULTIPLY",))
    use_d = cell.choice("USE_DPORT", "FALSE", ("TRUE", "FALSE")) == "TRUE"
    cell.without_effect(
        "ACASCREG",
        "BCASCREG",
        "AUTORESET_PATDET",
        "SEL_MASK",
        "SEL_PATTERN",
        "MASK",
        "PATTERN",
        "ACIN",
        "BCIN",
        "CARRYCASCIN",
        "MULTSIGNIN",
        "CEALUMODE",
        "CECARRYIN",
        "CECTRL",
        "CEINMODE",
        "RSTALLCARRYIN",
        "RSTALUMODE",
        "RSTCTRL",
        "RSTINMODE",
    )
    cell.tied("CARRYINSEL", ZERO, width=3)
    stages = [cell.number_among(name, 1, (0, 1, 2)) for name in ("AREG", "BREG")]
    stages += [cell.number_among(name, 1, (0, 1)) for name in ("CREG", "DREG", "ADREG", "MREG", "PREG")]
    inmode, opmode, alumode = cell.input("INMODE", 5), cell.input("OPMODE", 7), cell.input("ALUMODE", 4)
    if any(net != ZERO for net in alumode[2:]):
        raise cell.error("a logic operation (ALUMODE[3:2]) has no model")
    clock = cell.wire("CLK")
    if any(stages):
        program.clock(cell.name, clock)
    p, cascade = cell.output("P", 48), cell.output("PCOUT", 48)
    out = program.connected(p)
    program.dsp(
        cell.name,
        Dsp48(
            a=cell.input("A", 30),
            b=cell.input("B", 18),
            c=cell.input("C", 48),
            d=cell.input("D", 25),
            pcin=cell.input("PCIN", 48),
            inmode=inmode,
            opmode=opmode,
            alumode=alumode,
            carry_in=cell.wire("CARRYIN"),
            enables=cell.inputs("CEA1", "CEA2", "CEB1", "CEB2", "CEC", "CED", "CEAD", "CEM", "CEP"),
            resets=cell.inputs("RSTA", "RSTB", "RSTC", "RSTD", "RSTM", "RSTP"),
            stages=stages,
            use_d=use_d,
            p=out,
        ),
    )
    for source, net in zip(out, cascade, strict=True):
        if net is not None:
            program.lut(cell.name, 0b10, [source], net)
