# SPDX-License-Identifier: BSD-3-Clause
"""Our models of slice cells against the vendor's, as Yosys ships them, cycle by cycle."""

from __future__ import annotations

from dataclasses import replace

from hw_flows.families import find_family
from tests.hw_flows.gate_level.amd import (
    block_memories,
    block_memory,
    carries,
    flip_flops,
    luts,
    memories,
    shift_registers,
)
from tests.hw_flows.gate_level.bench import Cell, bits, check


def cascades() -> list[Cell]:
    cells = []
    for half in ("LOWER", "UPPER"):
        for mode in ("READ_FIRST", "WRITE_FIRST"):
            memory = block_memory("RAMB36E1", 128, mode, "TDP", {"A": (1, 1), "B": (1, 1)})
            extension = {f"RAM_EXTENSION_{port}": half for port in "AB"}
            cells.append(
                replace(
                    memory,
                    parameters=memory.parameters | extension,
                    inputs=memory.inputs | {"CASCADEINA": 1, "CASCADEINB": 1},
                    outputs={"DOADO": 1, "DOBDO": 1, "CASCADEOUTA": 1, "CASCADEOUTB": 1},
                )
            )
    return cells


def dsps() -> list[Cell]:
    """(AREG, BREG, CREG, DREG, ADREG, MREG, PREG), USE_DPORT, INMODE, OPMODE, ALUMODE."""
    shapes = [
        ((0, 0, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b0000101, 0b0000),
        ((1, 1, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b0110101, 0b0000),
        ((2, 1, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b0110101, 0b0011),
        ((1, 2, 1, 0, 0, 1, 1), "FALSE", 0b00000, 0b0110101, 0b0001),
        ((2, 2, 0, 1, 1, 1, 1), "TRUE", 0b00100, 0b0000101, 0b0000),
        ((2, 1, 0, 1, 0, 1, 1), "TRUE", 0b01101, 0b0100101, 0b0000),
        ((1, 1, 0, 1, 0, 1, 1), "TRUE", 0b00110, 0b0010101, 0b0010),
        ((2, 2, 0, 0, 0, 1, 1), "FALSE", 0b10001, 0b0100101, 0b0011),
        ((0, 0, 0, 0, 0, 0, 0), "FALSE", 0b00000, 0b0110101, 0b0000),
        ((0, 0, 1, 0, 0, 1, 0), "FALSE", 0b00000, 0b0110101, 0b0000),
        ((0, 0, 0, 1, 0, 0, 0), "TRUE", 0b00100, 0b0010101, 0b0000),
        ((0, 0, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b0101100, 0b0000),  # P's high part and C
        ((1, 1, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b0001111, 0b0000),  # A:B and C
        ((1, 1, 0, 0, 0, 1, 1), "FALSE", 0b00000, 0b1001000, 0b0000),  # P and all ones: P - 1
    ]
    enables = ("CEA1", "CEA2", "CEB1", "CEB2", "CEC", "CED", "CEAD", "CEM", "CEP")
    resets = ("RSTA", "RSTB", "RSTC", "RSTD", "RSTM", "RSTP")
    names = ("AREG", "BREG", "CREG", "DREG", "ADREG", "MREG", "PREG")
    return [
        Cell(
            "DSP48E1",
            {
                **dict(zip(names, stages, strict=True)),
                "ACASCREG": stages[0],
                "BCASCREG": stages[1],
                "USE_DPORT": use_d,
                **dict.fromkeys(("ALUMODEREG", "CARRYINREG", "CARRYINSELREG", "INMODEREG", "OPMODEREG"), 0),
            },
            {"A": 30, "B": 18, "C": 48, "D": 25, "PCIN": 48, "CARRYIN": 1, **dict.fromkeys((*enables, *resets), 1)},
            {"P": 48, "PCOUT": 48},
            "CLK",
            {
                "INMODE": bits(inmode, 5),
                "OPMODE": bits(opmode, 7),
                "ALUMODE": bits(alumode, 4),
                "CARRYINSEL": bits(0, 3),
            },
            often=enables,
            seldom=resets,
        )
        for stages, use_d, inmode, opmode, alumode in shapes
    ]


def test_every_cell_does_what_the_vendor_says(tmp_path):
    """Block memories have no behaviour in Yosys' file; they are compared with a model in Verilog of our own."""
    slices = [*luts(), *carries(), *flip_flops(), *shift_registers(), *memories()]
    blocks = [*block_memories("RAMB18E1", 64), *block_memories("RAMB36E1", 128), *cascades()]
    cells = [*slices, *blocks, *dsps()]
    xc7 = find_family("xc7")
    check(xc7, cells, xc7.write_cell_models(tmp_path / "models.v"), tmp_path)
