# SPDX-License-Identifier: BSD-3-Clause
"""Pre-adders of DSP48E1 (UG479) in logic beside the multiplier.

The database of the bitstream's bits knows what ties a pin D to a constant, and no way from logic to it: what a bitstream
with a pre-adder means cannot be read in it. So A + D is added outside. Where no bit of the two meets, as where products
are packed into one multiplier, that is a wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hw_flows.place_route.cells import Cell, Net, new_cell, number, word

_BITS = 25
#: INMODE of A2 + D, from bit 0.
_SUM = ["0", "0", "1", "0", "0"]
#: Registers between A or D and the product that would have to move, too.
_ON_THE_WAY = ("AREG", "ADREG", "INMODEREG")
_CLOCKING = ("IS_CLK_INVERTED", "IS_INMODE_INVERTED")
_XOR = "0110"

Cells = dict[str, Cell]


def without_pre_adders(cells: Cells, nets: Iterator[int]) -> int:
    """Replace them in the cells of a module (JSON of Yosys); returns how many. `nets`: numbers of nets that are free.

    Those with registers behind A or the sum stay: `nextpnr_xilinx_limits.require_supported` refuses them.
    """
    replaced = 0
    for name, cell in list(cells.items()):
        if cell["type"] == "DSP48E1" and _movable(cell):
            pins = cell["connections"]
            factor = pins["D"]
            if number(cell, "DREG", 1):
                factor = _registered(cells, name, pins, nets)
            pins["A"] = [*_sum(cells, name, pins["A"][:_BITS], factor, nets), *pins["A"][_BITS:]]
            pins |= {"D": ["0"] * _BITS, "INMODE": ["0"] * len(_SUM), "CED": ["0"], "RSTD": ["0"]}
            cell["port_directions"] |= {"CED": "input", "RSTD": "input"}
            cell["parameters"] |= {"USE_DPORT": "FALSE", "DREG": f"{0:032b}"}
            replaced += 1
    return replaced


def _movable(cell: Cell) -> bool:
    registers = any(number(cell, name, 1) for name in _ON_THE_WAY)
    inverted = any(number(cell, name) for name in _CLOCKING)
    return (
        word(cell, "USE_DPORT") == "TRUE" and cell["connections"]["INMODE"] == _SUM and not registers and not inverted
    )


def _registered(cells: Cells, name: str, pins: dict[str, Any], nets: Iterator[int]) -> list[Net]:
    """The register of D as flip-flops, one for each net."""
    seen: dict[Net, Net] = {"0": "0"}
    for net in pins["D"]:
        if net not in seen:
            seen[net] = next(nets)
            inputs: dict[str, list[Any]] = {"C": pins["CLK"], "CE": pins["CED"], "D": [net], "R": pins["RSTD"]}
            cells[f"{name}.d{len(seen) - 2}"] = new_cell("FDRE", {"INIT": "0"}, inputs, {"Q": [seen[net]]})
    return [seen[net] for net in pins["D"]]


def _sum(cells: Cells, name: str, a: list[Net], d: list[Net], nets: Iterator[int]) -> list[Net]:
    """a + d, modulo 2**25: below the first bits that meet there is no carry."""
    first = next((i for i in range(_BITS) if "0" not in (a[i], d[i])), None)
    if first is None:
        return [y if x == "0" else x for x, y in zip(a, d, strict=True)]
    bits = [y if x == "0" else x for x, y in zip(a[:first], d[:first], strict=True)]
    carry: Net = "0"
    for low in range(first, _BITS, 4):
        part = range(low, min(low + 4, _BITS))
        halves = [next(nets) for _ in part]
        for i, half in zip(part, halves, strict=True):
            cells[f"{name}.xor{i}"] = new_cell("LUT2", {"INIT": _XOR}, {"I0": [a[i]], "I1": [d[i]]}, {"O": [half]})
        padding: list[Net] = ["0"] * (4 - len(part))
        outputs = {bus: [next(nets) for _ in range(4)] for bus in ("O", "CO")}
        inputs: dict[str, list[Any]] = {
            "CI": [carry],
            "CYINIT": ["0"],
            "DI": [*(a[i] for i in part), *padding],
            "S": [*halves, *padding],
        }
        cells[f"{name}.sum{low}"] = new_cell("CARRY4", {}, inputs, outputs)
        bits += outputs["O"][: len(part)]
        carry = outputs["CO"][3]
    return bits
