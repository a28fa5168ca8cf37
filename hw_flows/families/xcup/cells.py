# SPDX-License-Identifier: BSD-3-Clause
"""The cells of UltraScale+ devices, counted the way AMD reports them (UG974, UG573, UG574, UG579).

Those of a slice that 7-series has too are in `hw_flows/families/amd/cells.py`. Not counted: CARRY8 and MUXF9; nor CARRY4, as
which Yosys writes carry chains and which Vivado pairs into CARRY8. BRAM36: RAMB36E2, and half for each RAMB18E2.
URAM288 is counted and has no program: Yosys is not asked for any (see `FAMILY`).
"""

from __future__ import annotations

from hw_flows.families.amd import slices
from hw_flows.families.amd.cells import SLICE_CELLS
from hw_flows.families.cells import VendorCell
from hw_flows.families.resources import LUT, NOTHING, Resources, memory
from hw_flows.families.xcup import blocks, dsp, verilog

CELLS: dict[str, VendorCell] = {
    **SLICE_CELLS,
    "LUT6_2": VendorCell(LUT, slices.lut_pair),
    "CARRY8": VendorCell(NOTHING, slices.carry8),
    "MUXF9": VendorCell(NOTHING, slices.multiplexer),
    "RAM32M16": VendorCell(memory(8), slices.memories("ABCDEFGH", 2, 5)),
    "RAM64M8": VendorCell(memory(8), slices.memories("ABCDEFGH", 1, 6)),
    **{name: VendorCell(memory(8)) for name in ("RAM256X1D", "RAM512X1S", "RAM32X16DR8", "RAM64X8SW")},
    "RAMB18E2": VendorCell(Resources(BRAM36=0.5), blocks.block_memory(64), verilog.RAMB18E2),
    "RAMB36E2": VendorCell(Resources(BRAM36=1), blocks.block_memory(128), verilog.RAMB36E2),
    "URAM288": VendorCell(Resources(URAM=1)),
    "DSP48E2": VendorCell(Resources(DSP=1), dsp.dsp48e2, verilog.DSP48E2),
}
