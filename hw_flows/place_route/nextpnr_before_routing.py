# SPDX-License-Identifier: BSD-3-Clause
"""Runs inside nextpnr after placement (`--pre-route`), after a line that sets D_LUTS.

1. nextpnr's refinement exchanges two cells and checks the region of only one, so that a few shift registers leave their D LUTs
and may meet another write enable. Each of those moves to the nearest D LUT that is free, in a slice without any.
2. Places of block memories of 36 kbit are printed: nextpnr writes their ports of 1 and 9 bits without the feature that makes
them odd (see nextpnr_xilinx.odd_widths).
3. Places of multipliers are printed with the constants at inputs that no switch reaches: nextpnr writes nothing for them (see
nextpnr_xilinx.tie_offs).
"""
# ruff: noqa: F821 (nextpnr provides `ctx`)
# mypy: ignore-errors

from collections import defaultdict


def write_enable(cell):
    for name, port in cell.ports:
        if name == "WE" and port.net is not None:
            return port.net.name
    return None


def is_shift_register(cell):
    return any(key == "X_LUT_AS_SRL" for key, value in cell.attrs)


def distance(one, other):
    return abs(one.x - other.x) + abs(one.y - other.y)


slices = defaultdict(lambda: defaultdict(list))  # slice -> write enable -> cells
for _, cell in ctx.cells:
    enable = write_enable(cell)
    if enable is not None and cell.bel is not None:
        slices[cell.bel.rpartition(".")[0]][enable].append(cell)

free = [bel for bel in D_LUTS if bel.rpartition(".")[0] not in slices and ctx.checkBelAvail(bel)]
moved = 0
for enables in list(slices.values()):
    # Distributed memory is bound together and stays; of shift registers the largest group does.
    staying = max(enables, key=lambda e: (not all(map(is_shift_register, enables[e])), len(enables[e])))
    for cell in (cell for enable, cells in enables.items() if enable != staying for cell in cells):
        here = ctx.getBelLocation(cell.bel)
        ctx.unbindBel(cell.bel)
        for bel in sorted(free, key=lambda bel: distance(ctx.getBelLocation(bel), here)):
            ctx.bindBel(bel, cell, STRENGTH_STRONG)
            if ctx.isBelLocationValid(bel, False):
                free.remove(bel)
                moved += 1
                break
            ctx.unbindBel(bel)
        else:
            raise SystemExit("no free D LUT for a shift register")
print("shift registers moved to slices of their own:", moved)

for _, cell in ctx.cells:
    if cell.type.startswith("RAMB36E1"):
        widths = {key: int(value, 2) for key, value in cell.params if "_WIDTH_" in key and not value.strip("01")}
        here = ctx.getBelLocation(cell.bel)
        print("block memory at", here.x, here.y, *(f"{key}={width}" for key, width in sorted(widths.items())))

CONSTANTS = {"$PACKER_GND_NET": 0, "$PACKER_VCC_NET": 1}
TIED = {f"INMODE{bit}": ("INMODE", bit) for bit in range(5)}
TIED |= {"ALUMODE2": ("ALUMODE", 2), "ALUMODE3": ("ALUMODE", 3), "OPMODE6": ("OPMODE", 6)}
for _, cell in ctx.cells:
    if cell.type.startswith("DSP48E1"):
        inverted = {key: int(value, 2) for key, value in cell.params if key.startswith("IS_") and not value.strip("01")}
        tied = {}
        for name, port in cell.ports:
            if name not in TIED:
                continue
            if port.net is None or port.net.name not in CONSTANTS:
                raise SystemExit(f"{name} of a multiplier is no constant, and no switch reaches it")
            bus, bit = TIED[name]
            turned = inverted.get(f"IS_{bus}_INVERTED", 0) >> bit & 1 | inverted.get(f"IS_{bus}[{bit}]_INVERTED", 0)
            tied[name] = CONSTANTS[port.net.name] ^ turned
        here = ctx.getBelLocation(cell.bel)
        pins = (f"{name}={value}" for name, value in sorted(tied.items()))
        print("multiplier at", here.x, here.y, cell.bel.rpartition("/")[2].partition(".")[0], *pins)
