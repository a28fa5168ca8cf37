# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of the cells of a slice: logic, flip-flops, shift registers and distributed memory.

7-series (UG474) and UltraScale (UG574, UG974) have the same, in UltraScale twice as wide: carry chains of eight bits, distributed
memories of eight LUTs.
"""

from __future__ import annotations

from hw_flows.families.netlist import ONE, ZERO, Cell
from hw_flows.families.program import Model, Program


def lut(inputs: int) -> Model:
    def model(cell: Cell, program: Program) -> None:
        program.lut(cell.name, cell.number("INIT"), cell.inputs(*(f"I{i}" for i in range(inputs))), cell.output("O")[0])

    return model


def inverter(cell: Cell, program: Program) -> None:
    program.lut(cell.name, 0b01, cell.inputs("I"), cell.output("O")[0])


def buffer(cell: Cell, program: Program) -> None:
    (source,), (out,) = cell.inputs("I"), cell.output("O")
    cell.without_effect("IOSTANDARD", "CAPACITANCE", "SLEW", "DRIVE")
    program.lut(cell.name, 0b10, [source], out)
    if out is not None:
        program.clock_buffers[out] = source


def lut_pair(cell: Cell, program: Program) -> None:
    """LUT6_2: O6 is the LUT6, O5 its lower half, which does not see I5."""
    table, inputs = cell.number("INIT"), cell.inputs(*(f"I{i}" for i in range(6)))
    program.lut(cell.name, table, inputs, cell.output("O6")[0])
    program.lut(cell.name, table & 0xFFFF_FFFF, inputs[:5], cell.output("O5")[0])


def multiplexer(cell: Cell, program: Program) -> None:
    zero, one, select = cell.inputs("I0", "I1", "S")
    program.multiplex(cell.name, zero, one, select, cell.output("O")[0])


def carry4(cell: Cell, program: Program) -> None:
    (first,), (init,) = cell.input("CI"), cell.input("CYINIT")
    s, di, o, co = cell.input("S", 4), cell.input("DI", 4), cell.output("O", 4), cell.output("CO", 4)
    carry = init if first == ZERO else first if init == ZERO else program.lut(cell.name, 0b1110, [first, init], None)
    for bit in range(4):
        carry = program.carry(cell.name, s[bit], di[bit], carry, o[bit], co[bit])


def carry8(cell: Cell, program: Program) -> None:
    """One chain of eight bits, or two of four: then CI_TOP goes into the upper one."""
    two = cell.choice("CARRY_TYPE", "SINGLE_CY8", ("SINGLE_CY8", "DUAL_CY4")) == "DUAL_CY4"
    carry, top = cell.wire("CI"), cell.wire("CI_TOP")
    s, di, o, co = cell.input("S", 8), cell.input("DI", 8), cell.output("O", 8), cell.output("CO", 8)
    for bit in range(8):
        carry = program.carry(cell.name, s[bit], di[bit], top if two and bit == 4 else carry, o[bit], co[bit])


def tied(value: int, port: str) -> Model:
    def model(cell: Cell, program: Program) -> None:
        program.lut(cell.name, 3 * value, [ZERO], cell.output(port)[0])

    return model


def flip_flop(control: str, value: int, *, asynchronous: bool = False) -> Model:
    def model(cell: Cell, program: Program) -> None:
        cell.number_among("IS_C_INVERTED", 0, (0,))
        program.clock(cell.name, cell.wire("C"))
        d = program.inverted(cell.name, cell.wire("D"), cell.number("IS_D_INVERTED"))
        reset = program.inverted(cell.name, cell.wire(control), cell.number(f"IS_{control}_INVERTED"))
        if asynchronous and reset != ZERO:
            raise cell.error("an asynchronous set or reset that is in use has no model")
        program.flip_flop(
            d,
            cell.output("Q")[0],
            enable=cell.wire("CE"),
            reset=reset,
            value=value,
            initial=cell.number("INIT", 1 if asynchronous and value else 0) & 1,
        )

    return model


def shift_register(bits: int) -> Model:
    def model(cell: Cell, program: Program) -> None:
        cell.number_among("IS_CLK_INVERTED", 0, (0,))
        program.clock(cell.name, cell.wire("CLK"))
        memory = program.memory(cell.number("INIT"))
        program.shift(memory, cell.wire("D"), cell.wire("CE"))
        address = cell.input("A", 5) if bits == 32 else cell.inputs("A0", "A1", "A2", "A3")
        program.read(cell.name, memory, address, cell.output("Q")[0])
        if bits == 32:
            cascade = cell.output("Q31")[0]
            if cascade is not None:
                program.read(cell.name, memory, [ONE] * 5, cascade)

    return model


def memories(ports: str, width: int, address_bits: int) -> Model:
    """RAM32M, RAM64M, RAM32M16, RAM64M8: a memory for each letter of `ports`, with a read address each; that of the last one
    is also the write address of all.
    """
    last = ports[-1]

    def model(cell: Cell, program: Program) -> None:
        cell.number_among("IS_WCLK_INVERTED", 0, (0,))
        program.clock(cell.name, cell.wire("WCLK"))
        enable, written = cell.wire("WE"), cell.input(f"ADDR{last}", address_bits)
        for port in ports:
            initial, data, out = (
                cell.number(f"INIT_{port}"),
                cell.input(f"DI{port}", width),
                cell.output(f"DO{port}", width),
            )
            address = written if port == last else cell.input(f"ADDR{port}", address_bits)
            for bit in range(width):
                memory = program.memory(sum((initial >> (width * k + bit) & 1) << k for k in range(1 << address_bits)))
                program.write(memory, written, data[bit], enable)
                if out[bit] is not None:
                    program.read(cell.name, memory, address, out[bit])

    return model


def memory(depth: int, *, dual: bool) -> Model:
    """RAM*X1S and RAM*X1D: one bit wide; deeper than 64 in parts that the high address bits choose from."""
    address_bits = depth.bit_length() - 1

    def model(cell: Cell, program: Program) -> None:
        cell.number_among("IS_WCLK_INVERTED", 0, (0,))
        program.clock(cell.name, cell.wire("WCLK"))
        initial, data, enable = cell.number("INIT"), cell.wire("D"), cell.wire("WE")
        wide = depth > 64 and dual  # these have their address as a bus
        written = cell.input("A", address_bits) if wide else cell.inputs(*(f"A{i}" for i in range(address_bits)))
        ports = [(written, cell.output("SPO" if dual else "O")[0])]
        if dual:
            read = cell.input("DPRA", address_bits) if wide else cell.inputs(*(f"DPRA{i}" for i in range(address_bits)))
            ports.append((read, cell.output("DPO")[0]))
        parts = max(1, depth // 64)
        memories = [program.memory(initial >> (64 * part) & ((1 << min(depth, 64)) - 1)) for part in range(parts)]
        for part, memory in enumerate(memories):
            chosen = enable
            if parts > 1:  # the enable and the high address bits, the enable lowest
                chosen = program.lut(cell.name, 1 << (2 * part + 1), [enable, *written[6:]], None)
            program.write(memory, written[:6], data, chosen)
        for address, out in ports:
            if out is None:
                continue
            values = [program.read(cell.name, m, address[:6], out if parts == 1 else None) for m in memories]
            for level, select in enumerate(address[6:]):
                last = level == len(address) - 7
                values = [
                    program.multiplex(cell.name, zero, one, select, out if last else None)
                    for zero, one in zip(values[::2], values[1::2], strict=True)
                ]

    return model
