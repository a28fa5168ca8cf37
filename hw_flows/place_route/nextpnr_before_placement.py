# SPDX-License-Identifier: BSD-3-Clause
"""Runs inside nextpnr before placement (`--pre-place`), after a line that sets D_LUTS.

All LUTs of a SLICEM that are shift registers or memory share one write enable. nextpnr 0.11 does not look at it when it
places shift registers: two of different FIFOs in one slice cannot be routed. In the D LUTs alone there is room for one shift
register a slice, and distributed memory begins at the D LUT as well, so neither meets the other.
"""
# ruff: noqa: F821 (nextpnr provides `ctx`)
# mypy: ignore-errors

ctx.createRectangularRegion("d_luts", 1, 1, 0, 0)
for bel in D_LUTS:
    ctx.addBelToRegion("d_luts", bel)
number = 0
for name, cell in ctx.cells:
    if any(key == "X_LUT_AS_SRL" for key, value in cell.attrs):
        ctx.constrainCellToRegion(name, "d_luts")
        number += 1
print("shift registers, one a slice:", number)
