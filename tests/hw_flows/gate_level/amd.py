# SPDX-License-Identifier: BSD-3-Clause
"""Cells of AMD's families with parameters and ports to try them with: those of slices, and block memories of any generation."""

from __future__ import annotations

import numpy as np

from tests.hw_flows.gate_level.bench import Bits, Cell, bits, random_bits

R = np.random.default_rng(1)
NONE = bits(0, 1)


def luts() -> list[Cell]:
    cells = [
        Cell(f"LUT{k}", {"INIT": random_bits(R, 1 << k)}, {f"I{i}": 1 for i in range(k)}, {"O": 1})
        for k in (1, 2, 3, 4, 5, 6, 6)
    ]
    tied = Cell(
        "LUT5",
        {"INIT": random_bits(R, 32)},
        {"I0": 1, "I2": 1, "I4": 1},
        {"O": 1},
        constants={"I1": bits(1, 1), "I3": bits(0, 1)},
    )
    constant = Cell("LUT2", {"INIT": bits(0b0100, 4)}, {}, {"O": 1}, constants={"I0": NONE, "I1": bits(1, 1)})
    return [
        *cells,
        tied,
        constant,
        Cell("INV", {}, {"I": 1}, {"O": 1}),
        *(Cell(mux, {}, {"I0": 1, "I1": 1, "S": 1}, {"O": 1}) for mux in ("MUXF7", "MUXF8")),
    ]


def carries() -> list[Cell]:
    vectors, outputs = {"S": 4, "DI": 4}, {"O": 4, "CO": 4}
    return [
        Cell("CARRY4", {}, {"CI": 1, **vectors}, outputs, constants={"CYINIT": NONE}),
        Cell("CARRY4", {}, {"CYINIT": 1, **vectors}, outputs, constants={"CI": NONE}),
        Cell("CARRY4", {}, vectors, outputs, constants={"CI": NONE, "CYINIT": bits(1, 1)}),
        Cell("CARRY4", {}, {"CI": 1, "S": 4}, outputs, constants={"CYINIT": NONE, "DI": bits(0b0101, 4)}),
    ]


def flip_flops() -> list[Cell]:
    cells = []
    for kind, control in (("FDRE", "R"), ("FDSE", "S")):
        for initial in (0, 1):
            for inverted in ({}, {"IS_D_INVERTED": bits(1, 1)}, {f"IS_{control}_INVERTED": bits(1, 1)}):
                cells.append(
                    Cell(kind, {"INIT": bits(initial, 1), **inverted}, {"D": 1, "CE": 1, control: 1}, {"Q": 1}, "C")
                )
    cells.append(Cell("FDRE", {}, {"D": 1}, {"Q": 1}, "C", {"CE": bits(1, 1), "R": NONE}))
    for kind, control in (("FDCE", "CLR"), ("FDPE", "PRE")):
        cells.append(Cell(kind, {"INIT": bits(1, 1)}, {"D": 1, "CE": 1}, {"Q": 1}, "C", {control: NONE}))
    return cells


def shift_registers() -> list[Cell]:
    address = {f"A{i}": 1 for i in range(4)}
    return [
        Cell("SRL16E", {"INIT": random_bits(R, 16)}, {"D": 1, "CE": 1, **address}, {"Q": 1}, "CLK"),
        Cell(
            "SRL16E",
            {},
            {"D": 1, "A0": 1},
            {"Q": 1},
            "CLK",
            {"CE": bits(1, 1), "A1": NONE, "A2": bits(1, 1), "A3": bits(1, 1)},
        ),
        Cell("SRLC32E", {"INIT": random_bits(R, 32)}, {"D": 1, "CE": 1, "A": 5}, {"Q": 1, "Q31": 1}, "CLK"),
    ]


def memories() -> list[Cell]:
    cells = []
    for kind, width, address in (("RAM32M", 2, 5), ("RAM64M", 1, 6)):
        for initial in (lambda: random_bits(R, 64), lambda: Bits(0, 64)):
            cells.append(
                Cell(
                    kind,
                    {f"INIT_{x}": initial() for x in "ABCD"},
                    {"WE": 1, **{f"ADDR{x}": address for x in "ABCD"}, **{f"DI{x}": width for x in "ABCD"}},
                    {f"DO{x}": width for x in "ABCD"},
                    "WCLK",
                )
            )
    for depth in (32, 64):
        names = [f"A{i}" for i in range(depth.bit_length() - 1)]
        single = {"D": 1, "WE": 1, **dict.fromkeys(names, 1)}
        double = single | {f"DPR{name}": 1 for name in names}
        cells.append(Cell(f"RAM{depth}X1D", {"INIT": random_bits(R, depth)}, double, {"SPO": 1, "DPO": 1}, "WCLK"))
        cells.append(Cell(f"RAM{depth}X1S", {"INIT": random_bits(R, depth)}, single, {"O": 1}, "WCLK"))
    cells.append(
        Cell(
            "RAM128X1D",
            {"INIT": random_bits(R, 128)},
            {"D": 1, "WE": 1, "A": 7, "DPRA": 7},
            {"SPO": 1, "DPO": 1},
            "WCLK",
        )
    )
    cells.append(
        Cell(
            "RAM128X1S",
            {"INIT": random_bits(R, 128)},
            {"D": 1, "WE": 1, **{f"A{i}": 1 for i in range(7)}},
            {"O": 1},
            "WCLK",
        )
    )
    return cells


def block_memories(kind: str, rows: int) -> list[Cell]:
    """Every write mode and width, ports of different widths, and the widest words in simple dual port mode."""
    cells, small = [], rows == 64
    for mode in ("READ_FIRST", "WRITE_FIRST", "NO_CHANGE"):
        for width in (1, 2, 4, 9, 18, *(() if small else (36,))):
            cells.append(block_memory(kind, rows, mode, "TDP", {"A": (width, width), "B": (0, 0)}))
    for read, write in ((18, 4), (1, 9), (9, 18)):
        cells.append(block_memory(kind, rows, "READ_FIRST", "TDP", {"A": (0, write), "B": (read, 0)}))
    wide = 36 if small else 72
    for read, write in ((wide, wide), (wide, wide // 2), (wide // 2, wide)):
        cells.append(block_memory(kind, rows, "READ_FIRST", "SDP", {"A": (read, 0), "B": (0, write)}))
    cells.append(block_memory(kind, rows, "READ_FIRST", "TDP", {"A": (18, 18), "B": (9, 9)}))
    return cells


def block_memory(kind: str, rows: int, mode: str, ram_mode: str, widths: dict[str, tuple[int, int]]) -> Cell:
    """A RAMB18E1, RAMB36E1, RAMB18E2 or RAMB36E2.

    `widths`: read and write width by port. Few rows are addressed, so that what was written is read again.
    """
    first = kind.endswith("E1")
    half, address = rows // 4, 14 if rows == 64 else 16 if first else 15
    into, out, mode_of_ports = ("DI", "DO", {"RAM_MODE": ram_mode}) if first else ("DIN", "DOUT", {})
    parameters: dict = {f"INIT_{r:02X}": random_bits(R, 256) for r in range(rows)}
    parameters |= {f"INITP_{r:02X}": random_bits(R, 256) for r in range(rows // 8)}
    parameters["INIT_01"] = random_bits(R, 40)  # a literal that is narrower than its row
    parameters |= {"DOA_REG": 0, "DOB_REG": 0, **mode_of_ports, "WRITE_MODE_A": mode, "WRITE_MODE_B": mode}
    for port, (read, write) in widths.items():
        parameters |= {f"READ_WIDTH_{port}": read, f"WRITE_WIDTH_{port}": write}
    inputs = {
        **{f"{into}{port}{into}": half for port in "AB"},
        **{f"{into}P{port}{into}P": half // 8 for port in "AB"},
        "ENARDEN": 1,
        "ENBWREN": 1,
        "ADDRARDADDR": address,
        "ADDRBWRADDR": address,
        "WEA": half // 8,
        "WEBWE": half // 4,
    }
    constants = dict.fromkeys(("RSTRAMARSTRAM", "RSTRAMB", "RSTREGARSTREG", "RSTREGB", "REGCEAREGCE", "REGCEB"), NONE)
    if not first:
        constants["SLEEP"] = NONE
    outputs = {f"{out}{port}{out}": half for port in "AB"} | {f"{out}P{port}{out}P": half // 8 for port in "AB"}
    return Cell(
        kind,
        parameters,
        inputs,
        outputs,
        ("CLKARDCLK", "CLKBWRCLK"),
        constants,
        seldom=("ADDRARDADDR", "ADDRBWRADDR"),
        alike=("WEA", "WEBWE") if mode == "NO_CHANGE" else (),
    )
