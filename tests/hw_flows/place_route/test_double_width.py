# SPDX-License-Identifier: BSD-3-Clause
"""Memories of double width and what takes their place answer alike, cell by cell, to random words, addresses and enables."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw_flows.place_route.routable import write_routable
from tests.hw_flows.place_route.answers import answers, one_cell

DOUBLE = "memories of double width"
SINGLE = ("ENARDEN", "ENBWREN")
OFF = ("RSTRAMARSTRAM", "RSTRAMB", "RSTREGARSTREG", "RSTREGB", "REGCEAREGCE", "REGCEB")


def memory(kind: str, write: bool = True, read_width: int | None = None) -> dict[str, Any]:
    """A module with one memory of random contents, all of whose pins are ports; few addresses, so that they meet."""
    size = 18 if kind == "RAMB18E1" else 36
    random = np.random.default_rng(size)
    data, parity, rows = 16 * size // 18, 2 * size // 18, 64 * size // 18
    numbers = count(2)

    def nets(bits: int) -> list[int]:
        return [next(numbers) for _ in range(bits)]

    clock = nets(1)
    low, bits = (5, 14) if size == 18 else (6, 16)
    address = {port: nets(3) for port in ("read", "write")}
    buses = {
        **{f"ADDR{port}": ["0"] * low + address[name] + ["0"] * (bits - low - 3) for port, name in
           (("ARDADDR", "read"), ("BWRADDR", "write"))},
        **{f"DI{port}DI": nets(data) for port in "AB"},
        **{f"DIP{port}DIP": nets(parity) for port in "AB"},
        "WEA": ["0"] * (2 * size // 18),
        "WEBWE": nets(4 * size // 18) if write else ["0"] * (4 * size // 18),
        **{name: nets(1) for name in SINGLE},
        **{name: ["0"] for name in OFF},
        "CLKARDCLK": clock,
        "CLKBWRCLK": clock,
    }  # fmt: skip
    outputs = {**{f"DO{port}DO": nets(data) for port in "AB"}, **{f"DOP{port}DOP": nets(parity) for port in "AB"}}
    width = 2 * size
    parameters = {
        "RAM_MODE": "SDP",
        "READ_WIDTH_A": f"{read_width or width:032b}",
        "WRITE_WIDTH_B": f"{width if write else 0:032b}",
        "WRITE_MODE_A": "READ_FIRST",
        "WRITE_MODE_B": "READ_FIRST",
        "DOA_REG": "0" * 32,
        "DOB_REG": "0" * 32,
        **{f"INIT_{row:02X}": "".join(map(str, random.integers(0, 2, 256))) for row in range(rows)},
        **{f"INITP_{row:02X}": "".join(map(str, random.integers(0, 2, 256))) for row in range(rows // 8)},
    }
    return one_cell(kind, parameters, buses, outputs)


@pytest.mark.parametrize("write", [True, False], ids=["ram", "rom"])
@pytest.mark.parametrize(("kind", "parts"), [("RAMB18E1", 1), ("RAMB36E1", 2)])
def test_every_word_is_the_same(tmp_path: Path, kind: str, parts: int, write: bool) -> None:
    netlist, replaced = tmp_path / "netlist.json", tmp_path / "replaced.json"
    wide = memory(kind, write)
    netlist.write_text(json.dumps(wide))
    assert write_routable(netlist, replaced)[DOUBLE] == 1
    single = json.loads(replaced.read_text())
    cells = single["modules"]["top"]["cells"].values()
    assert [(cell["type"], cell["parameters"]["RAM_MODE"]) for cell in cells] == [("RAMB36E1", "TDP")] * parts
    expected, got = answers(wide), answers(single)
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values, err_msg=name)
        assert values.std() > 0


def test_ports_of_different_widths_stay(tmp_path: Path) -> None:
    netlist = tmp_path / "netlist.json"
    netlist.write_text(json.dumps(memory("RAMB18E1", read_width=18)))
    assert write_routable(netlist, tmp_path / "same.json")[DOUBLE] == 0
    assert json.loads((tmp_path / "same.json").read_text()) == json.loads(netlist.read_text())
