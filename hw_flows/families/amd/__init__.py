# SPDX-License-Identifier: BSD-3-Clause
"""What several AMD families have in common; no family itself.

cells.py         the cells of a slice, with what they cost
slices.py        gate-level programs of a slice's cells
block_memory.py  gate-level programs of 36 kbit block memories and their halves
verilog.py       their behaviour in Verilog
"""
