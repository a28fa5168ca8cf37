# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of the ECP5 cells (FPGA-DS-02012, FPGA-TN-02204 for memories, FPGA-TN-02205 for multipliers), as far as
Yosys uses them.
"""

from __future__ import annotations

import numpy as np

from hw_flows.families.netlist import ONE, UNDEFINED, ZERO, Cell
from hw_flows.families.program import BlockPort, Model, Program, data_bits

_BLOCK_WIDTHS = (1, 2, 4, 9, 18, 36)
_WRITE_MODES = {"NORMAL": "NO_CHANGE", "WRITETHROUGH": "WRITE_FIRST", "READBEFOREWRITE": "READ_FIRST"}


def lut4(cell: Cell, program: Program) -> None:
    program.lut(cell.name, cell.number("INIT"), cell.inputs("A", "B", "C", "D"), cell.output("Z")[0])


def inverter(cell: Cell, program: Program) -> None:
    program.lut(cell.name, 0b01, cell.inputs("A"), cell.output("Z")[0])


def tied(value: int) -> Model:
    def model(cell: Cell, program: Program) -> None:
        program.lut(cell.name, 3 * value, [ZERO], cell.output("Z")[0])

    return model


def multiplexer(zero: str, one: str, select: str) -> Model:
    def model(cell: Cell, program: Program) -> None:
        nets = cell.inputs(zero, one, select)
        program.multiplex(cell.name, nets[0], nets[1], nets[2], cell.output("Z")[0])

    return model


def carry_pair(cell: Cell, program: Program) -> None:
    """CCU2C: two LUT4 with a carry chain; where INJECT1 is YES the LUT neither sees the carry nor generates one."""
    carry = cell.wire("CIN")
    for half in "01":
        table, injected = cell.number(f"INIT{half}"), cell.choice(f"INJECT1_{half}", "YES", ("YES", "NO")) == "YES"
        inputs = cell.inputs(*(f"{name}{half}" for name in "ABCD"))
        (total,) = cell.output(f"S{half}")
        propagate = program.lut(cell.name, table, inputs, total if injected else None)
        generate = ZERO if injected else program.lut(cell.name, table & 15, inputs[:2], None)
        out = cell.output("COUT")[0] if half == "1" else None
        carry = program.carry(cell.name, propagate, generate, carry, None if injected else total, out)


def flip_flop(cell: Cell, program: Program) -> None:
    cell.without_effect("GSR", "M")  # no global reset is used; M matters with LSRMODE PRLD
    cell.choice("CLKMUX", "CLK", ("CLK",))
    cell.choice("LSRMODE", "LSR", ("LSR",))
    value = int(cell.choice("REGSET", "RESET", ("SET", "RESET")) == "SET")
    how = cell.choice("SRMODE", "LSR_OVER_CE", ("LSR_OVER_CE", "ASYNC"))
    reset = program.inverted(cell.name, cell.wire("LSR"), cell.choice("LSRMUX", "LSR", ("LSR", "INV")) == "INV")
    enable = _enable(cell, program, "CE", "CEMUX", "1")
    if how == "ASYNC" and reset != ZERO:
        raise cell.error("an asynchronous set or reset that is in use has no model")
    program.clock(cell.name, cell.wire("CLK"))
    program.flip_flop(cell.wire("DI"), cell.output("Q")[0], enable=enable, reset=reset, value=value, initial=value)


def _enable(cell: Cell, program: Program, port: str, parameter: str, default: str) -> int:
    choice = cell.choice(parameter, default, (port, "INV", "0", "1"))
    net = cell.wire(port)
    return {"0": ZERO, "1": ONE}[choice] if choice in "01" else program.inverted(cell.name, net, choice == "INV")


def distributed_memory(cell: Cell, program: Program) -> None:
    """TRELLIS_DPR16X4: 16 words of four bits."""
    cell.choice("WCKMUX", "WCK", ("WCK",))
    program.clock(cell.name, cell.wire("WCK"))
    enable = _enable(cell, program, "WRE", "WREMUX", "WRE")
    initial, data, out = cell.number("INITVAL"), cell.input("DI", 4), cell.output("DO", 4)
    written, read = cell.input("WAD", 4), cell.input("RAD", 4)
    for bit in range(4):
        memory = program.memory(sum((initial >> (4 * k + bit) & 1) << k for k in range(16)))
        program.write(memory, written, data[bit], enable)
        if out[bit] is not None:
            program.read(cell.name, memory, read, out[bit])


def block_memory(cell: Cell, program: Program) -> None:
    """DP16KD: 1024 words of 18 bits; width 36 takes the data pins of both ports (the pseudo dual port memory).

    With 18 and 36 bits the lowest address pins are the byte enables of the written word.
    """
    cell.without_effect("GSR", "ASYNC_RESET_RELEASE", "RESETMODE", "WID", "INIT_DATA", "OCEA", "OCEB")
    data = {x: cell.inputs(*(f"DI{x}{i}" for i in range(18))) for x in "AB"}
    out = {x: [cell.output(f"DO{x}{i}")[0] for i in range(18)] for x in "AB"}
    widths = {x: cell.number_among(f"DATA_WIDTH_{x}", 18, _BLOCK_WIDTHS) for x in "AB"}
    ports = []
    for x in "AB":
        width, other = widths[x], widths["B" if x == "A" else "A"]
        cell.choice(f"REGMODE_{x}", "NOREG", ("NOREG",))
        cell.choice(f"CSDECODE_{x}", "0b000", ("0b000",))
        clock, known = cell.wire(f"CLK{x}"), cell.choice(f"CLK{x}MUX", f"CLK{x}", (f"CLK{x}", "INV"))
        mode = _WRITE_MODES[cell.choice(f"WRITEMODE_{x}", "NORMAL", tuple(_WRITE_MODES))]
        address = cell.inputs(*(f"AD{x}{i}" for i in range(14)))
        enable, write = cell.wire(f"CE{x}"), cell.wire(f"WE{x}")
        cell.tied(f"RST{x}", ZERO, UNDEFINED)
        for select in (f"CS{x}0", f"CS{x}1", f"CS{x}2"):
            cell.tied(select, ZERO)
        if enable == ZERO:
            ports.append(BlockPort())
            continue
        if known == "INV":
            raise cell.error(f"the falling edge of CLK{x} has no model")
        program.clock(cell.name, clock)
        # With 36 bits port A writes and port B reads; then a narrower read word comes out on port B's own pins.
        if 36 in (width, other) and (x == "B") != (write == ZERO):
            raise cell.error("with words of 36 bits port A writes and port B reads; anything else has no model")
        word_in = data["A"] + data["B"] if width == 36 else data[x]
        word_out = out["A"] + out["B"] if width == 36 else out[x]
        low = data_bits(width).bit_length() - 1
        reads: list[tuple[int, int]] = []
        writes: list[tuple[int, list[tuple[int, int]]]] = []
        if not (x == "A" and 36 in (width, other)):
            reads = [(net, offset) for offset, net in enumerate(word_out[:width]) if net is not None]
        if write == ZERO:
            pass
        elif width < 18:
            writes = [(write, [(net, offset) for offset, net in enumerate(word_in[:width])])]
        else:
            for byte in range(width // 9):
                chosen = program.lut(cell.name, 0b1000, [write, address[byte]], None)
                writes.append((chosen, [(word_in[9 * byte + k], 9 * byte + k) for k in range(9)]))
        ports.append(BlockPort(enable, [ZERO] * low + address[low:], mode, reads, writes))
    initial = np.zeros(1024 * 18, np.uint8)
    for row in range(64):  # 16 words of 18 bits, each in 20
        value = cell.number(f"INITVAL_{row:02X}")
        for word in range(16):
            bits = value >> (20 * word)
            at = (16 * row + word) * 18
            initial[at : at + 18] = [(bits >> k) & 1 for k in range(18)]
    used = {net for port in ports for net, _ in port.reads}
    for net in [*out["A"], *out["B"]]:
        if net is not None and net not in used:
            program.lut(cell.name, 0, [ZERO], net)
    program.block(initial, ports[0], ports[1])


def multiplier(cell: Cell, program: Program) -> None:
    """MULT18X18D without registers."""
    for name in ("INPUTA", "INPUTB", "INPUTC", "PIPELINE", "OUTPUT"):
        cell.choice(f"REG_{name}_CLK", "NONE", ("NONE",))
        cell.without_effect(f"REG_{name}_CE", f"REG_{name}_RST")
    cell.choice("MULT_BYPASS", "DISABLED", ("DISABLED",))
    for port in ("SOURCEA", "SOURCEB"):
        cell.tied(port, ZERO)
    cell.without_effect(
        "CLK0_DIV",
        "CLK1_DIV",
        "CLK2_DIV",
        "CLK3_DIV",
        "HIGHSPEED_CLK",
        "GSR",
        "CAS_MATCH_REG",
        "SOURCEB_MODE",
        "RESETMODE",
        *(f"C{i}" for i in range(18)),
        *(f"{kind}{i}" for kind in ("CLK", "CE", "RST") for i in range(4)),
        *(f"SRI{x}{i}" for x in "AB" for i in range(18)),
    )
    a, b = (cell.inputs(*(f"{x}{i}" for i in range(18))) for x in "AB")
    signed = (cell.wire("SIGNEDA"), cell.wire("SIGNEDB"))
    out = program.connected([cell.output(f"P{i}")[0] for i in range(36)])
    program.multiply(cell.name, a, b, signed, out)
