# SPDX-License-Identifier: BSD-3-Clause
"""What a netlist costs: vendor cells counted into the resources of a device, the way the vendor reports them.

7-series (UG474, UG473, UG479)
    LUT: every LUT1 to LUT6, plus the LUTs of distributed memory and of shift registers. An INV that is left after
    mapping counts as a LUT: it mostly drives a carry chain, whose inputs come from LUTs. Not counted: CARRY4, MUXF7,
    MUXF8. Two small LUTs that placement may put into one LUT6 count as two, so the figure is an upper bound.
    LUTRAM: the LUTs used as distributed memory or as shift register; SRL: those used as shift register.
    BRAM36: RAMB36E1, and half for each RAMB18E1.
ECP5 (FPGA-DS-02012)
    LUT: LUT4, two for each CCU2C; a 16x4 memory takes four LUTs as memory and occupies two more for its write address.
    BRAM36: half for each DP16KD of 18 kbit. DSP: MULT18X18D, and half for each MULT9X9D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from hw_flows.boards import Budget, Family


@dataclass(frozen=True)
class Resources:
    """Resources of a device, in its own units (see `Board.units`); LUT includes LUTRAM, LUTRAM includes SRL."""

    LUT: float = 0
    FF: float = 0
    LUTRAM: float = 0
    SRL: float = 0
    BRAM36: float = 0
    DSP: float = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def __mul__(self, factor: int) -> Resources:
        return Resources(**{f.name: getattr(self, f.name) * factor for f in fields(self)})

    def fits(self, budget: Budget) -> bool:
        return all(getattr(self, name) <= available for name, available in budget.model_dump().items())


def _memory(luts: int) -> Resources:
    return Resources(LUT=luts, LUTRAM=luts)


LUT, FF, SRL, NOTHING = Resources(LUT=1), Resources(FF=1), Resources(LUT=1, LUTRAM=1, SRL=1), Resources()

CELLS: dict[Family, dict[str, Resources]] = {
    "xc7": {
        **dict.fromkeys(("INV", "LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6"), LUT),
        **dict.fromkeys(("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE"), FF),
        **dict.fromkeys(("SRL16E", "SRLC32E"), SRL),
        **dict.fromkeys(("RAM16X1S", "RAM32X1S", "RAM64X1S"), _memory(1)),
        **dict.fromkeys(("RAM128X1S", "RAM16X1D", "RAM32X1D", "RAM64X1D"), _memory(2)),
        **dict.fromkeys(("RAM256X1S", "RAM128X1D", "RAM32M", "RAM64M"), _memory(4)),
        "RAMB18E1": Resources(BRAM36=0.5),
        "RAMB36E1": Resources(BRAM36=1),
        "DSP48E1": Resources(DSP=1),
        **dict.fromkeys(("CARRY4", "MUXF7", "MUXF8", "VCC", "GND", "BUFG"), NOTHING),
    },
    "ecp5": {
        **dict.fromkeys(("LUT4", "INV"), LUT),
        "CCU2C": Resources(LUT=2),
        "TRELLIS_FF": FF,
        "TRELLIS_DPR16X4": Resources(LUT=6, LUTRAM=4),
        **dict.fromkeys(("DP16KD", "PDPW16KD"), Resources(BRAM36=0.5)),
        "MULT18X18D": Resources(DSP=1),
        "MULT9X9D": Resources(DSP=0.5),
        **dict.fromkeys(("PFUMX", "L6MUX21", "ALU54B"), NOTHING),
    },
}


def count_resources(cells: Mapping[str, int], family: Family) -> Resources:
    """Resources of a netlist given as cell type -> number of cells.

    Raises KeyError for a cell the device does not have (an unmapped one, for example): a netlist that is not finished
    must not look cheap.
    """
    total = Resources()
    for cell, number in cells.items():
        if cell in ("$scopeinfo", "$print", "$check"):  # notes and messages of the source, no hardware
            continue
        total += CELLS[family][cell] * number
    return total
