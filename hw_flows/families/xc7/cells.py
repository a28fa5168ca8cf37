# SPDX-License-Identifier: BSD-3-Clause
"""The cells of 7-series devices, counted the way AMD reports them (UG474, UG473, UG479).

Those of a slice are in `hw_flows/families/amd/cells.py`. BRAM36: RAMB36E1, and half for each RAMB18E1.
"""

from __future__ import annotations

from hw_flows.families.amd.cells import SLICE_CELLS
from hw_flows.families.cells import VendorCell
from hw_flows.families.resources import Resources
from hw_flows.families.xc7 import blocks, verilog

CELLS: dict[str, VendorCell] = {
    **SLICE_CELLS,
    "RAMB18E1": VendorCell(Resources(BRAM36=0.5), blocks.block_memory(64), verilog.RAMB18E1),
    "RAMB36E1": VendorCell(Resources(BRAM36=1), blocks.block_memory(128), verilog.RAMB36E1),
    "DSP48E1": VendorCell(Resources(DSP=1), blocks.dsp48),
}
