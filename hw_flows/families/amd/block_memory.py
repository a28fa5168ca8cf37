# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of AMD's block memories of 36 kbit and their halves, as far as Yosys uses them.

RAMB36E1 and RAMB18E1 (UG473), RAMB36E2 and RAMB18E2 (UG573) keep and address bits alike. A generation says which of its
parameters and pins there are, and gives the rest to `memory`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from hw_flows.families.netlist import UNDEFINED, ZERO, Cell
from hw_flows.families.program import WRITE_MODES, BlockPort, Program, data_bits, stored_bit

Net = TypeVar("Net", int, int | None)
IDLE = (ZERO, UNDEFINED)
_WIDTHS = (0, 1, 2, 4, 9, 18, 36, 72)


@dataclass(frozen=True)
class PortPins:
    """Names of the data pins, of port A and of port B, and what else the generations name differently."""

    data_in: tuple[str, str]
    parity_in: tuple[str, str]
    data_out: tuple[str, str]
    parity_out: tuple[str, str]
    address_bits: int
    """Of each port's address; the highest may be of a cascade."""
    write_mode: str
    """Where the parameter is not given."""


class Cascade:
    """How a port stands in a chain of memories; this one stands alone."""

    extends = ""
    out: int | None = None
    """Net of what it reads, for the next one."""

    def own_half(self, cell: Cell, program: Program, address_bit: int, enable: int) -> int:
        """A write enable where the address is in this memory."""
        return enable

    def read_through(self, cell: Cell, program: Program, enable: int, address_bit: int, out: int | None) -> int | None:
        """The net for the bit that this memory reads itself; `out` may follow another one."""
        return out


def widths(cell: Cell) -> tuple[tuple[int, int], tuple[int, int]]:
    """Read and write width of port A and of port B, with parity; 0: none."""
    read_a, write_a, read_b, write_b = (
        cell.number_among(f"{kind}_WIDTH_{letter}", 0, _WIDTHS) for letter in "AB" for kind in ("READ", "WRITE")
    )
    return (read_a, write_a), (read_b, write_b)


def plain_configuration(cell: Cell, *, default_register: int) -> None:
    """Take what both generations have and must not be in use: output registers (whose default differs), inversions, resets,
    values after configuration.
    """
    for port in "AB":
        cell.number_among(f"DO{port}_REG", default_register, (0,))
    for name in (
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
    cell.without_effect("SRVAL_A", "SRVAL_B", "SIM_COLLISION_CHECK", "RSTREG_PRIORITY_A", "RSTREG_PRIORITY_B")
    for name in ("RSTRAMARSTRAM", "RSTRAMB"):
        cell.tied(name, *IDLE)
    cell.without_effect("REGCEAREGCE", "REGCEB", "RSTREGARSTREG", "RSTREGB")  # of the output registers, not in use


def memory(
    cell: Cell,
    program: Program,
    rows: int,
    pins: PortPins,
    port_widths: tuple[tuple[int, int], tuple[int, int]],
    *,
    simple: bool,
    cascades: Sequence[Cascade],
) -> None:
    """`rows` of 256 bits, 64 or 128; parity in rows of its own. `simple`: in the simple dual port mode of the widest words
    port A reads with the pins of both, and port B writes.
    """
    half = rows // 4  # data bits of one port of two
    kept_bits = (rows * 256).bit_length() - 1
    data = [cell.input(name, half) for name in pins.data_in]
    parity = [cell.input(name, half // 8) for name in pins.parity_in]
    out = [cell.output(name, half) for name in pins.data_out]
    out_parity = [cell.output(name, half // 8) for name in pins.parity_out]
    wide = half * 9 // 4  # width of both ports together, with parity
    ports = []
    for p, (letter, kind) in enumerate((("A", "RD"), ("B", "WR"))):
        read, write = port_widths[p]
        enables = cell.input("WEA" if p == 0 else "WEBWE", half // 8 * (p + 1))
        enable = cell.wire("ENARDEN" if p == 0 else "ENBWREN")
        clock = cell.wire(f"CLK{letter}{kind}CLK")
        whole_address = cell.input(f"ADDR{letter}{kind}ADDR", pins.address_bits)
        address, cascade = whole_address[:kept_bits], cascades[p]
        mode = cell.choice(f"WRITE_MODE_{letter}", pins.write_mode, WRITE_MODES)
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
    # Outputs that never read hold what they hold after configuration.
    initial = _contents(cell, rows)
    through = [cascade.out for cascade in cascades]
    for net in [n for nets in (*out, *out_parity, through) for n in nets if n is not None]:
        if net not in {n for port in ports for n, _ in port.reads}:
            program.lut(cell.name, 0, [ZERO], net)
    program.block(initial, ports[0], ports[1])


def _contents(cell: Cell, rows: int) -> np.ndarray:
    """Bits after configuration, each byte with its parity bit behind it."""
    initial = np.zeros(rows * 256 // 8 * 9, np.uint8)
    for prefix, count, is_parity in (("INIT_", rows, False), ("INITP_", rows // 8, True)):
        for row in range(count):
            value = cell.number(f"{prefix}{row:02X}")
            bits = np.unpackbits(np.frombuffer(value.to_bytes(32, "little"), np.uint8), bitorder="little")
            index = np.arange(256) + 256 * row
            initial[index * 9 + 8 if is_parity else stored_bit(index)] = bits
    return initial


def _bits(data: Sequence[Net], parity: Sequence[Net], width: int) -> list[tuple[Net, int]]:
    """(net, offset) of a word of `width` bits with its parity."""
    if width < 9:
        return [(data[i], i) for i in range(width)]
    count = width // 9
    return [(data[8 * b + k], 9 * b + k) for b in range(count) for k in range(8)] + [
        (parity[b], 9 * b + 8) for b in range(count)
    ]
