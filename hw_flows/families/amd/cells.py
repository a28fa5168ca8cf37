# SPDX-License-Identifier: BSD-3-Clause
"""The cells that 7-series (UG474) and UltraScale+ (UG574) devices both have, counted the way AMD reports them.

LUT: every LUT1 to LUT6, plus the LUTs of distributed memory and of shift registers. An INV that is left after mapping
counts as a LUT: it mostly drives a carry chain, whose inputs come from LUTs. Not counted: CARRY4, MUXF7, MUXF8. Two small
LUTs that placement may put into one LUT6 count as two, so the figure is an upper bound.
LUTRAM: the LUTs used as distributed memory or as shift register; SRL: those used as shift register.
"""

from __future__ import annotations

from hw_flows.families.amd import slices
from hw_flows.families.cells import VendorCell
from hw_flows.families.resources import FF, LUT, NOTHING, SRL, memory

SLICE_CELLS: dict[str, VendorCell] = {
    "INV": VendorCell(LUT, slices.inverter),
    **{f"LUT{inputs}": VendorCell(LUT, slices.lut(inputs)) for inputs in range(1, 7)},
    "CARRY4": VendorCell(NOTHING, slices.carry4),
    **{name: VendorCell(NOTHING, slices.multiplexer) for name in ("MUXF7", "MUXF8")},
    "VCC": VendorCell(NOTHING, slices.tied(1, "P")),
    "GND": VendorCell(NOTHING, slices.tied(0, "G")),
    "BUFG": VendorCell(NOTHING, slices.buffer),
    **{name: VendorCell(None, slices.buffer) for name in ("BUF", "IBUF", "OBUF")},
    "FDRE": VendorCell(FF, slices.flip_flop("R", 0)),
    "FDSE": VendorCell(FF, slices.flip_flop("S", 1)),
    "FDCE": VendorCell(FF, slices.flip_flop("CLR", 0, asynchronous=True)),
    "FDPE": VendorCell(FF, slices.flip_flop("PRE", 1, asynchronous=True)),
    # Falling clock edges and latches: nothing of ours has them, so they have no program.
    **{name: VendorCell(FF) for name in ("FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE")},
    "SRL16E": VendorCell(SRL, slices.shift_register(16)),
    "SRLC32E": VendorCell(SRL, slices.shift_register(32)),
    "RAM16X1S": VendorCell(memory(1)),
    "RAM32X1S": VendorCell(memory(1), slices.memory(32, dual=False)),
    "RAM64X1S": VendorCell(memory(1), slices.memory(64, dual=False)),
    "RAM128X1S": VendorCell(memory(2), slices.memory(128, dual=False)),
    "RAM256X1S": VendorCell(memory(4)),
    "RAM16X1D": VendorCell(memory(2)),
    "RAM32X1D": VendorCell(memory(2), slices.memory(32, dual=True)),
    "RAM64X1D": VendorCell(memory(2), slices.memory(64, dual=True)),
    "RAM128X1D": VendorCell(memory(4), slices.memory(128, dual=True)),
    "RAM32M": VendorCell(memory(4), slices.memories("ABCD", 2, 5)),
    "RAM64M": VendorCell(memory(4), slices.memories("ABCD", 1, 6)),
}
