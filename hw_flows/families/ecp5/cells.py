# SPDX-License-Identifier: BSD-3-Clause
"""The cells of Lattice ECP5 devices, with their resources (FPGA-DS-02012).

LUT: LUT4, two for each CCU2C; a 16x4 memory takes four LUTs as memory and occupies two more for its write address.
BRAM36: half for each DP16KD of 18 kbit. DSP: MULT18X18D, and half for each MULT9X9D.
"""

from __future__ import annotations

from hw_flows.families.cells import VendorCell
from hw_flows.families.ecp5 import programs, verilog
from hw_flows.families.resources import FF, LUT, NOTHING, Resources

_HALF_A_BLOCK = Resources(BRAM36=0.5)

CELLS: dict[str, VendorCell] = {
    "LUT4": VendorCell(LUT, programs.lut4, verilog.LUT4),
    "INV": VendorCell(LUT, programs.inverter),
    "CCU2C": VendorCell(Resources(LUT=2), programs.carry_pair),
    "PFUMX": VendorCell(NOTHING, programs.multiplexer("BLUT", "ALUT", "C0")),
    "L6MUX21": VendorCell(NOTHING, programs.multiplexer("D0", "D1", "SD")),
    "VHI": VendorCell(None, programs.tied(1)),
    "VLO": VendorCell(None, programs.tied(0)),
    "TRELLIS_FF": VendorCell(FF, programs.flip_flop),
    "TRELLIS_DPR16X4": VendorCell(Resources(LUT=6, LUTRAM=4), programs.distributed_memory),
    "DP16KD": VendorCell(_HALF_A_BLOCK, programs.block_memory, verilog.DP16KD),
    "PDPW16KD": VendorCell(_HALF_A_BLOCK),
    "MULT18X18D": VendorCell(Resources(DSP=1), programs.multiplier, verilog.MULT18X18D),
    "MULT9X9D": VendorCell(Resources(DSP=0.5)),
    "ALU54B": VendorCell(NOTHING),
    "EHXPLLL": VendorCell(None, None, verilog.EHXPLLL),
}
