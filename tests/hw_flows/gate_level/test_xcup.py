# SPDX-License-Identifier: BSD-3-Clause
"""Our models of UltraScale+ cells against the vendor's, as Yosys ships them, cycle by cycle.

Block memories and the DSP48E2 have no behaviour there; their programs are compared with models in Verilog of our own, and
`test_mapped_rtl.py` compares them with the RTL they stand for.
"""

from __future__ import annotations

import pytest

from hw_flows.families import find_family
from hw_flows.families.netlist import Cell as NetlistCell
from hw_flows.families.netlist import Netlist
from hw_flows.families.program import Program
from hw_flows.families.resources import Resources
from hw_flows.gate_level.simulator import NetlistSimulator
from hw_flows.machine.errors import UserError
from hw_flows.synthesize.cells import count_resources
from tests.hw_flows.gate_level import amd
from tests.hw_flows.gate_level.amd import R
from tests.hw_flows.gate_level.bench import Cell, bits, check, random_bits

XCUP = find_family("xcup")
STAGES = ("AREG", "BREG", "CREG", "DREG", "ADREG", "MREG", "PREG")
UNREGISTERED = ("ALUMODEREG", "CARRYINREG", "CARRYINSELREG", "INMODEREG", "OPMODEREG")
ENABLES = ("CEA1", "CEA2", "CEB1", "CEB2", "CEC", "CED", "CEAD", "CEM", "CEP")
RESETS = ("RSTA", "RSTB", "RSTC", "RSTD", "RSTM", "RSTP")
BUSES = {"A": 30, "B": 18, "C": 48, "D": 27, "PCIN": 48, "CARRYIN": 1}


def slices() -> list[Cell]:
    vectors, outputs = {"S": 8, "DI": 8}, {"O": 8, "CO": 8}
    memories = [
        Cell(
            kind,
            {f"INIT_{x}": random_bits(R, 64) for x in "ABCDEFGH"},
            {"WE": 1, **{f"ADDR{x}": address for x in "ABCDEFGH"}, **{f"DI{x}": width for x in "ABCDEFGH"}},
            {f"DO{x}": width for x in "ABCDEFGH"},
            "WCLK",
        )
        for kind, width, address in (("RAM32M16", 2, 5), ("RAM64M8", 1, 6))
    ]
    return [
        *(
            Cell("LUT6_2", {"INIT": random_bits(R, 64)}, {f"I{i}": 1 for i in range(6)}, {"O6": 1, "O5": 1})
            for _ in "ab"
        ),
        Cell("MUXF9", {}, {"I0": 1, "I1": 1, "S": 1}, {"O": 1}),
        Cell("CARRY8", {}, {"CI": 1, **vectors}, outputs, constants={"CI_TOP": bits(0, 1)}),
        Cell("CARRY8", {"CARRY_TYPE": "DUAL_CY4"}, {"CI": 1, "CI_TOP": 1, **vectors}, outputs),
        *memories,
    ]


def dsp(
    stages: tuple[int, ...],
    multiplied: str,
    inmode: int,
    opmode: int,
    alumode: int,
    steered: tuple[str, ...] = (),
) -> Cell:
    """`steered`: the modes that are inputs, drawn in every cycle."""
    modes = {"INMODE": (inmode, 5), "OPMODE": (opmode, 9), "ALUMODE": (alumode, 4)}
    return Cell(
        "DSP48E2",
        {
            **dict(zip(STAGES, stages, strict=True)),
            "ACASCREG": stages[0],
            "BCASCREG": stages[1],
            "AMULTSEL": multiplied,
            "RND": random_bits(R, 48),
            **dict.fromkeys(UNREGISTERED, 0),
        },
        {**BUSES, **dict.fromkeys((*ENABLES, *RESETS), 1), **{n: modes[n][1] for n in steered}},
        {"P": 48, "PCOUT": 48},
        "CLK",
        {n: bits(v, w) for n, (v, w) in modes.items() if n not in steered} | {"CARRYINSEL": bits(0, 3)},
        often=ENABLES,
        seldom=RESETS,
    )


def dsps() -> list[Cell]:
    return [
        dsp((0, 0, 0, 0, 0, 1, 1), "A", 0b00000, 0b000000101, 0b0000),
        dsp((1, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b000110101, 0b0000),
        dsp((2, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b000110101, 0b0011),
        dsp((1, 2, 1, 0, 0, 1, 1), "A", 0b00000, 0b000110101, 0b0001),
        dsp((2, 2, 0, 1, 1, 1, 1), "AD", 0b00100, 0b000000101, 0b0000),
        dsp((2, 1, 0, 1, 0, 1, 1), "AD", 0b01101, 0b000100101, 0b0000),
        dsp((1, 1, 0, 1, 0, 1, 1), "AD", 0b00110, 0b000010101, 0b0010),
        dsp((2, 2, 0, 0, 0, 1, 1), "A", 0b10001, 0b000100101, 0b0011),
        dsp((0, 0, 0, 0, 0, 0, 0), "A", 0b00000, 0b000110101, 0b0000),
        dsp((0, 0, 1, 0, 0, 1, 0), "A", 0b00000, 0b000110101, 0b0000),
        dsp((0, 0, 0, 1, 0, 0, 0), "AD", 0b00100, 0b000010101, 0b0000),
        dsp((0, 0, 0, 0, 0, 1, 1), "A", 0b00000, 0b000101100, 0b0000),  # P and C
        dsp((0, 0, 0, 0, 0, 1, 1), "A", 0b00000, 0b001101100, 0b0000),  # P's high part and C
        dsp((1, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b000001111, 0b0000),  # A:B and C
        dsp((1, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b001001000, 0b0000),  # P and all ones: P - 1
        dsp((1, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b110010101, 0b0000),  # four operands: product, PCIN and C at W
        dsp((1, 1, 1, 0, 0, 1, 1), "A", 0b00000, 0b101010101, 0b0011),  # RND at W
        dsp((1, 1, 0, 0, 0, 1, 1), "A", 0b00000, 0b010110101, 0b0000),  # P at W
        dsp((2, 2, 1, 1, 1, 1, 1), "AD", 0, 0b000110101, 0b0001, ("INMODE",)),
        dsp((1, 1, 0, 0, 0, 0, 1), "A", 0, 0b000110101, 0b0011, ("INMODE",)),
        dsp((1, 2, 1, 0, 1, 1, 1), "AD", 0, 0, 0b0011, ("INMODE", "OPMODE")),
    ]


def test_every_cell_does_what_the_vendor_says(tmp_path):
    common = [*amd.luts(), *amd.carries(), *amd.flip_flops(), *amd.shift_registers(), *amd.memories()]
    blocks = [*amd.block_memories("RAMB18E2", 64), *amd.block_memories("RAMB36E2", 128)]
    cells = [*common, *slices(), *blocks, *dsps()]
    check(XCUP, cells, XCUP.write_cell_models(tmp_path / "models.v"), tmp_path)


REGISTERS_OFF = dict.fromkeys((*UNREGISTERED, "DOA_REG", "DOB_REG"), 0)
MODES = {"CARRYINSEL": list("000"), "INMODE": list("00000"), "ALUMODE": list("0000")}
CHOSEN = MODES | {"INMODE": list("10000")}


@pytest.mark.parametrize(
    ("kind", "parameters", "ports", "told"),
    [
        ("RAMB36E2", {}, {}, "DOA_REG = 1 has no model"),
        ("RAMB36E2", {"CASCADE_ORDER_A": "FIRST"} | REGISTERS_OFF, {}, "CASCADE_ORDER_A = 'FIRST'"),
        ("DSP48E2", {"A_INPUT": "CASCADE"} | REGISTERS_OFF, MODES, "A_INPUT = 'CASCADE'"),
        ("DSP48E2", {"USE_SIMD": "TWO24"} | REGISTERS_OFF, MODES, "USE_SIMD = 'TWO24'"),
        ("DSP48E2", REGISTERS_OFF, MODES | {"OPMODE": list("100000000")}, "OPMODE gives X the product without Y"),
        ("DSP48E2", {"AREG": 0} | REGISTERS_OFF, CHOSEN, "INMODE chooses a register that is not there"),
    ],
)
def test_what_has_no_model_is_refused(kind, parameters, ports, told):
    cell = NetlistCell(
        "u", {"type": kind, "parameters": parameters, "connections": {"CARRYINSEL": list("000"), **ports}}
    )
    with pytest.raises(UserError) as caught:
        XCUP.programs[kind](cell, Program(100))
        cell.finish()
    assert told in caught.value.what


def test_an_ultra_ram_is_counted_and_not_simulated():
    assert count_resources({"URAM288": 2, "RAMB18E2": 1}, XCUP) == Resources(URAM=2, BRAM36=0.5)
    memory = {"type": "URAM288", "parameters": {}, "connections": {}}
    with pytest.raises(UserError, match=r"u \(URAM288\): this type of cell has no model"):
        NetlistSimulator(Netlist({"modules": {"top": {"ports": {}, "cells": {"u": memory}}}}, "netlist"), XCUP)
