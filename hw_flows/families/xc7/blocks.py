# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of the 7-series block memories (UG473) and of the DSP48E1 (UG479), as far as Yosys uses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from hw_flows.families.netlist import UNDEFINED, ZERO, Cell
from hw_flows.families.program import WRITE_MODES, BlockPort, Dsp48, Model, Program, data_bits, stored_bit

Net = TypeVar("Net", int, int | None)
_IDLE = (ZERO, UNDEFINED)
_WIDTHS = (0, 1, 2, 4, 9, 18, 36, 72)


def block_memory(rows: int) -> Model:
    """RAMB18E1 of 64 rows of 256 bits, RAMB36E1 of 128; parity in rows of its own."""
    half = rows // 4  # data bits of one port of two
    address_bits = (rows * 256).bit_length() - 1

    def model(cell: Cell, program: Program) -> None:
        simple = cell.choice("RAM_MODE", "TDP", ("TDP", "SDP")) == "SDP"
        for name in (
            "DOA_REG",
            "DOB_REG",
            "IS_CLKARDCLK_INVERTED",
            "IS_CLKBWRCLK_INVERTED",
            "IS_ENARDEN_INVERTED",
            "IS_ENBWREN_INVERTED",
            "IS_RSTRAMARSTRAM_INVERTED",
            "IS_RSTRAMB_INVERTED",
            "IS_RSTREGARSTREG_INVERTED",
            "IS_RSTREGB_INVERTED",
            "INIT_A",
            "INIT_B",
        ):
            cell.number_among(name, 0, (0,))
        cell.without_effect(
            "SRVAL_A",
            "SRVAL_B",
            "SIM_DEVICE",
            "SIM_COLLISION_CHECK",
            "RDADDR_COLLISION_HWCONFIG",
            "RSTREG_PRIORITY_A",
            "RSTREG_PRIORITY_B",
        )
        for name in ("RSTRAMARSTRAM", "RSTRAMB"):
            cell.tied(name, *_IDLE)
        cell.without_effect("REGCEAREGCE", "REGCEB", "RSTREGARSTREG", "RSTREGB")  # of the output registers, not in use
        cascades = [_Cascade.of(cell, letter, rows) for letter in "AB"]
        data = [cell.input("DIADI", half), cell.input("DIBDI", half)]
        parity = [cell.input("DIPADIP", half // 8), cell.input("DIPBDIP", half // 8)]
        out = [cell.output("DOADO", half), cell.output("DOBDO", half)]
        out_parity = [cell.output("DOPADOP", half // 8), cell.output("DOPBDOP", half // 8)]
        wide = half * 9 // 4  # width of both ports together, with parity
        ports = []
        for p, (letter, kind) in enumerate((("A", "RD"), ("B", "WR"))):
            read = cell.number_among(f"READ_WIDTH_{letter}", 0, _WIDTHS)
            write = cell.number_among(f"WRITE_WIDTH_{letter}", 0, _WIDTHS)
            enables = cell.input("WEA" if p == 0 else "WEBWE", half // 8 * (p + 1))
            enable = cell.wire("ENARDEN" if p == 0 else "ENBWREN")
            clock = cell.wire(f"CLK{letter}{kind}CLK")
            whole_address = cell.input(f"ADDR{letter}{kind}ADDR", 14 if rows == 64 else 16)
            address, cascade = whole_address[:address_bits], cascades[p]
            mode = cell.choice(f"WRITE_MODE_{letter}", "WRITE_FIRST", WRITE_MODES)
            if read and write and read != write:
                raise cell.error(f"port {letter} reads and writes words of different width, which has no model")
            if simple and (write if p == 0 else read):
                raise cell.error("in mode SDP port A reads and port B writes; anything else has no model")
            # In SDP the read word comes out on both ports; the widest written word comes in on both.
            reads, writes_bits, parities, out_bits = [], data[p], parity[p], (out[p], out_parity[p])
            if simple and p == 0:
                out_bits = (out[0] + out[1], out_parity[0] + out_parity[1])
            if simple and p == 1 and write == wide:
                writes_bits, parities = data[0] + data[1], parity[0] + parity[1]
            if cascade.extends:
                if (read or 1, write or 1) != (1, 1) or (read and write and mode == "NO_CHANGE"):
                    raise cell.error(
                        f"port {letter} of a cascade has words of {read} and {write} bits, mode {mode}: no model"
                    )
                if read:
                    out[p][0] = cascade.read_through(cell, program, enable, whole_address[-1], out[p][0])
                enables = [cascade.own_half(cell, program, whole_address[-1], net) for net in enables]
            if read:
                reads = [(net, offset) for net, offset in _bits(out_bits[0], out_bits[1], read) if net is not None]
                reads += [(cascade.out, 0)] if cascade.out is not None else []
            writes = []
            written = [(net, offset) for net, offset in _bits(writes_bits, parities, write) if net is not None]
            for byte in range(-(-write // 9)):
                writes.append((enables[byte], [(net, offset) for net, offset in written if offset // 9 == byte]))
            if not (read or write):
                ports.append(BlockPort())
                continue
            program.clock(cell.name, clock)
            low = data_bits(read or write).bit_length() - 1
            ports.append(BlockPort(enable, [ZERO] * low + address[low:], mode, reads, writes))
        initial = np.zeros(rows * 256 // 8 * 9, np.uint8)
        for prefix, count, is_parity in (("INIT_", rows, False), ("INITP_", rows // 8, True)):
            for row in range(count):
                value = cell.number(f"{prefix}{row:02X}")
                bits = np.unpackbits(np.frombuffer(value.to_bytes(32, "little"), np.uint8), bitorder="little")
                index = np.arange(256) + 256 * row
                initial[index * 9 + 8 if is_parity else stored_bit(index)] = bits
        # Outputs that never read hold what they hold after configuration.
        through = [cascade.out for cascade in cascades]
        for net in [n for nets in (*out, *out_parity, through) for n in nets if n is not None]:
            if net not in {n for port in ports for n, _ in port.reads}:
                program.lut(cell.name, 0, [ZERO], net)
        program.block(initial, ports[0], ports[1])

    return model


@dataclass
class _Cascade:
    """What makes two RAMB36E1 one memory of 64 K x 1 (UG473, "Cascadable Block RAM"): bit 15 of the address chooses.

    The lower one's bit comes out through the upper one, which remembers the bit 15 of what it read.
    """

    extends: Literal["", "LOWER", "UPPER"] = ""
    into: int = UNDEFINED
    out: int | None = None

    @classmethod
    def of(cls, cell: Cell, letter: str, rows: int) -> _Cascade:
        extension = cell.choice(
            f"RAM_EXTENSION_{letter}", "NONE", ("NONE", "LOWER", "UPPER") if rows == 128 else ("NONE",)
        )
        into, out = cell.wire(f"CASCADEIN{letter}"), cell.output(f"CASCADEOUT{letter}")[0]
        if extension == "NONE":
            if out is not None:
                raise cell.error(f"CASCADEOUT{letter} is in use without RAM_EXTENSION_{letter}, which has no model")
            return cls()
        return cls("UPPER" if extension == "UPPER" else "LOWER", into, out)

    def own_half(self, cell: Cell, program: Program, bit_15: int, enable: int) -> int:
        """A write enable where the address is in this memory's half."""
        return program.lut(cell.name, 0b1000 if self.extends == "UPPER" else 0b0010, [enable, bit_15], None)

    def read_through(self, cell: Cell, program: Program, enable: int, bit_15: int, out: int | None) -> int | None:
        """The net for the bit that this memory reads itself; `out` follows the lower memory where that one is read."""
        if self.extends != "UPPER" or out is None:
            return out
        own, was = program.net(), program.net()
        program.flip_flop(bit_15, was, enable=enable, reset=ZERO, value=0, initial=0)
        program.multiplex(cell.name, self.into, own, was, out)
        return own


def _bits(data: Sequence[Net], parity: Sequence[Net], width: int) -> list[tuple[Net, int]]:
    """(net, offset) of a word of `width` bits with its parity."""
    if width < 9:
        return [(data[i], i) for i in range(width)]
    count = width // 9
    return [(data[8 * b + k], 9 * b + k) for b in range(count) for k in range(8)] + [
        (parity[b], 9 * b + 8) for b in range(count)
    ]


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
