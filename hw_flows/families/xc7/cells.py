# SPDX-License-Identifier: BSD-3-Clause
"""The cells of 7-series devices, counted the way AMD reports them (UG474, UG473, UG479).

LUT: every LUT1 to LUT6, plus the LUTs of distributed memory and of shift registers. An INV that is left after mapping
counts as a LUT: it mostly drives a carry chain, whose inputs come from LUTs. Not counted: CARRY4, MUXF7, MUXF8. Two small
LUTs that placement may put into one LUT6 count as two, so the figure is an upper bound.
LUTRAM: the LUTs used as distributed memory or as shift register; SRL: those used as shift register.
BRAM36: RAMB36E1, and half for each RAMB18E1.
"""

from __future__ import annotations

from hw_flows.families.cells import VendorCell
from hw_flows.families.resources import FF, LUT, NOTHING, SRL, Resources, memory
from hw_flows.families.xc7 import blocks, logic, verilog

CELLS: dict[str, VendorCell] = {
    "INV": VendorCell(LUT, logic.inverter),
    **{f"LUT{inputs}": VendorCell(LUT, logic.lut(inputs)) for inputs in range(1, 7)},
    "CARRY4": VendorCell(NOTHING, logic.carry4),
    **{name: VendorCell(NOTHING, logic.multiplexer) for name in ("MUXF7", "MUXF8")},
    "VCC": VendorCell(NOTHING, logic.tied(1, "P")),
    "GND": VendorCell(NOTHING, logic.tied(0, "G")),
    "BUFG": VendorCell(NOTHING, logic.buffer),
    **{name: VendorCell(None, logic.buffer) for name in ("BUF", "IBUF", "OBUF")},
    "FDRE": VendorCell(FF, logic.flip_flop("R", 0)),
    "FDSE": VendorCell(FF, logic.flip_flop("S", 1)),
    "FDCE": VendorCell(FF, logic.flip_flop("CLR", 0, asynchronous=True)),
    "FDPE": VendorCell(FF, logic.flip_flop("PRE", 1, asynchronous=True)),
    # Falling clock edges and latches: nothing of ours has them, so they have no program.
    **{name: VendorCell(FF) for name in ("FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE")},
    "SRL16E": VendorCell(SRL, logic.shift_register(16)),
    "SRLC32E": VendorCell(SRL, logic.shift_register(32)),
    "RAM16X1S": VendorCell(memory(1)),
    "RAM32X1S": VendorCell(memory(1), logic.memory(32, dual=False)),
    "RAM64X1S": VendorCell(memory(1), logic.memory(64, dual=False)),
    "RAM128X1S": VendorCell(memory(2), logic.memory(128, dual=False)),
    "RAM256X1S": VendorCell(memory(4)),
    "RAM16X1D": VendorCell(memory(2)),
    "RAM32X1D": VendorCell(memory(2), logic.memory(32, dual=True)),
    "RAM64X1D": VendorCell(memory(2), logic.memory(64, dual=True)),
    "RAM128X1D": VendorCell(memory(4), logic.memory(128, dual=True)),
    "RAM32M": VendorCell(memory(4), logic.quad_memory(2, 5)),
    "RAM64M": VendorCell(memory(4), logic.quad_memory(1, 6)),
    "RAMB18E1": VendorCell(Resources(BRAM36=0.5), blocks.block_memory(64), verilog.RAMB18E1),
    "RAMB36E1": VendorCell(Resources(BRAM36=1), blocks.block_memory(128), verilog.RAMB36E1),
    "DSP48E1": VendorCell(Resources(DSP=1), blocks.dsp48),
}
