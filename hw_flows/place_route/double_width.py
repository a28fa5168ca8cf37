# SPDX-License-Identifier: BSD-3-Clause
"""Block memories of double width (UG473, RAM_MODE SDP) as memories of single width, which every tool here writes rightly.

In SDP mode a memory reads at port A and writes at port B, each with the data pins of both. nextpnr leaves out the width of the
other port (openXC7/nextpnr-xilinx pull request 150), so that half of each word is lost on hardware, and what is right could
only be seen in the vendor's bitstreams. A RAMB36E1 in TDP mode reads 36 bits at A and writes 36 at B: it takes the place of
a RAMB18E1 of 512 words of 36 bits, two of them that of a RAMB36E1 of 512 words of 72.
"""

from __future__ import annotations

from typing import Any

from hw_flows.place_route.cells import Cell, new_cell, number, word

_ROW = 256
_WORDS = 512
_DATA, _PARITY = 32, 4
#: Width of a double word -> number of RAMB36E1.
_PARTS = {("RAMB18E1", 36): 1, ("RAMB36E1", 72): 2}
_KEPT = ("DOA_REG", "DOB_REG", "WRITE_MODE_A", "WRITE_MODE_B", "RSTREG_PRIORITY_A", "RSTREG_PRIORITY_B")
_SINGLE = (
    "CLKARDCLK",
    "CLKBWRCLK",
    "ENARDEN",
    "ENBWREN",
    "REGCEAREGCE",
    "REGCEB",
    "RSTRAMARSTRAM",
    "RSTRAMB",
    "RSTREGARSTREG",
    "RSTREGB",
)


def without_double_width(cells: dict[str, Cell]) -> int:
    """Replace them in the cells of a module (JSON of Yosys); returns how many.

    Ports of different widths stay as they are: `nextpnr_xilinx_limits.require_supported` refuses them.
    """
    replaced = 0
    for name, cell in list(cells.items()):
        parts = _parts(cell)
        if parts:
            del cells[name]
            cells.update({f"{name}.word{i}": _single(cell, i, parts) for i in range(parts)})
            replaced += 1
    return replaced


def _parts(cell: Cell) -> int:
    """Memories that take its place; 0: it is none of double width."""
    if not cell["type"].startswith("RAMB") or word(cell, "RAM_MODE") != "SDP":
        return 0
    read, write = number(cell, "READ_WIDTH_A"), number(cell, "WRITE_WIDTH_B")
    return _PARTS.get((cell["type"], read), 0) if write in (0, read) else 0


def _single(cell: Cell, part: int, parts: int) -> Cell:
    """Bits 36 * part to 36 * part + 35 of each word. The data pins of A are the lower half of the word, those of B the upper."""
    old = cell["connections"]
    data, parity = slice(_DATA * part, _DATA * (part + 1)), slice(_PARITY * part, _PARITY * (part + 1))
    zeros = {"DIADI": _DATA, "DIPADIP": _PARITY, "WEA": 4}
    inputs = {
        **{name: old.get(name, ["0"]) for name in _SINGLE},
        **{name: ["0"] * bits for name, bits in zeros.items()},
        "ADDRARDADDR": _address(old["ADDRARDADDR"]),
        "ADDRBWRADDR": _address(old["ADDRBWRADDR"]),
        "DIBDI": (old["DIADI"] + old["DIBDI"])[data],
        "DIPBDIP": (old["DIPADIP"] + old["DIPBDIP"])[parity],
        "WEBWE": [*old["WEBWE"][parity], *["0"] * 4],
    }
    outputs = {"DOADO": (old["DOADO"] + old["DOBDO"])[data], "DOPADOP": (old["DOPADOP"] + old["DOPBDOP"])[parity]}
    return new_cell("RAMB36E1", _parameters(cell, part, parts), inputs, outputs, cell["attributes"])


def _address(old: list[Any]) -> list[Any]:
    """Of a word of 36 bits in 36 kbit: 5 bits below it, the word's 9 of 10 bits, and the bit of cascades, which is 1."""
    word = old[5:14] if len(old) == 14 else old[6:15]
    return [*["0"] * 5, *word, "0", "1"]


def _parameters(cell: Cell, part: int, parts: int) -> dict[str, str]:
    kept = {name: cell["parameters"][name] for name in _KEPT if name in cell["parameters"]}
    kept |= {name: text for name, text in cell["parameters"].items() if name.startswith("IS_")}
    contents = {
        f"{kind}_{row:02X}": f"{whole >> _ROW * row & ((1 << _ROW) - 1):0{_ROW}b}"
        for kind, bits, rows in (("INIT", _DATA, 128), ("INITP", _PARITY, 16))
        for whole in (_contents(cell, kind, bits, part, parts),)
        for row in range(rows)
    }
    return {
        **kept,
        **contents,
        **{f"{kind}_A": f"{_output(cell, kind, part, parts):036b}" for kind in ("INIT", "SRVAL")},
        "RAM_MODE": "TDP",
        "RAM_EXTENSION_A": "NONE",
        "RAM_EXTENSION_B": "NONE",
        "READ_WIDTH_A": f"{_DATA + _PARITY:032b}",
        "READ_WIDTH_B": f"{0:032b}",
        "WRITE_WIDTH_A": f"{0:032b}",
        "WRITE_WIDTH_B": f"{_DATA + _PARITY if number(cell, 'WRITE_WIDTH_B') else 0:032b}",
    }


def _contents(cell: Cell, kind: str, bits: int, part: int, parts: int) -> int:
    """All words' data or parity bits of a part, one behind the other."""
    rows = _WORDS * bits * parts // _ROW
    whole = sum(number(cell, f"{kind}_{row:02X}") << _ROW * row for row in range(rows))
    mask = (1 << bits) - 1
    words = ((whole >> (word * parts + part) * bits) & mask for word in range(_WORDS))
    return sum(value << word * bits for word, value in enumerate(words))


def _output(cell: Cell, kind: str, part: int, parts: int) -> int:
    """INIT or SRVAL of the word read: each port's has its parity bits above its data."""
    data, parity = _DATA * parts // 2, _PARITY * parts // 2
    ports = [number(cell, f"{kind}_{port}") for port in "AB"]
    low, high = (
        [value & ((1 << data) - 1) for value in ports],
        [value >> data & ((1 << parity) - 1) for value in ports],
    )
    word, odd = low[0] | low[1] << data, high[0] | high[1] << parity
    of_word = word >> _DATA * part & ((1 << _DATA) - 1)
    return of_word | (odd >> _PARITY * part & ((1 << _PARITY) - 1)) << _DATA
