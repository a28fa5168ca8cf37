# SPDX-License-Identifier: BSD-3-Clause
"""Multipliers with a pre-adder, and with the sum in logic, answer alike, cell by cell."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw_flows.place_route.routable import write_routable
from tests.hw_flows.place_route.answers import answers, one_cell

REGISTERS = ("ADREG", "ALUMODEREG", "AREG", "BREG", "CARRYINREG", "CARRYINSELREG", "CREG", "INMODEREG", "OPMODEREG")


def multiplier(a: list[Any], d: list[Any], **registers: int) -> dict[str, Any]:
    """(a + d) * b in a registered product. `a`, `d`: "0", or which net of an input, from bit 0; the last one is the sign."""
    numbers = count(100)
    clock, enable, clear, b = (([next(numbers) for _ in range(n)]) for n in (1, 1, 1, 18))

    def wide(bits: list[Any], first: int, length: int) -> list[Any]:
        named = [bit if bit == "0" else first + bit for bit in bits]
        return named + [named[-1]] * (length - len(named))

    inputs = {
        "A": wide(a, 10, 30),
        "B": b,
        "C": ["0"] * 48,
        "D": wide(d, 50, 25),
        "ALUMODE": ["0"] * 4,
        "INMODE": ["0", "0", "1", "0", "0"],
        "OPMODE": ["1", "0", "1", "0", "0", "0", "0"],
        "CARRYIN": ["0"],
        "CARRYINSEL": ["0"] * 3,
        "CLK": clock,
        "CED": enable,
        "CEM": ["1"],
        "CEP": ["1"],
        "RSTD": clear,
        "RSTM": ["0"],
        "RSTP": ["0"],
    }
    parameters = {name: f"{registers.get(name, 0):032b}" for name in (*REGISTERS, "DREG")}
    parameters |= {"MREG": "1", "PREG": "1", "USE_DPORT": "TRUE", "USE_MULT": "MULTIPLY", "USE_SIMD": "ONE48"}
    parameters |= {"A_INPUT": "DIRECT", "B_INPUT": "DIRECT", "ACASCREG": f"{0:032b}", "BCASCREG": f"{0:032b}"}
    return one_cell("DSP48E1", parameters, inputs, {"P": [next(numbers) for _ in range(48)]})


PACKED = (["0"] * 8 + [0, 1, 2, "0"], [0, 1, 2, "0"])
SIGNED = (["0"] * 5 + [0, 1, 2, 3], [0, 1, 2, 3, 4])


@pytest.mark.parametrize("register", [0, 1])
@pytest.mark.parametrize(("a", "d", "carries"), [(*PACKED, 0), (*SIGNED, 5)], ids=["packed", "signed"])
def test_the_product_is_the_same(tmp_path: Path, a: list[Any], d: list[Any], carries: int, register: int) -> None:
    netlist, replaced = tmp_path / "netlist.json", tmp_path / "replaced.json"
    whole = multiplier(a, d, DREG=register)
    netlist.write_text(json.dumps(whole))
    assert write_routable(netlist, replaced)["pre-adders"] == 1
    outside = json.loads(replaced.read_text())
    cells = outside["modules"]["top"]["cells"]
    assert cells["cell"]["parameters"]["USE_DPORT"] == "FALSE" and set(cells["cell"]["connections"]["D"]) == {"0"}
    kinds = [cell["type"] for cell in cells.values()]
    assert kinds.count("CARRY4") == carries, "packed factors do not meet, and need no adder"
    assert kinds.count("FDRE") == register * len([bit for bit in d if bit != "0"])
    expected, got = answers(whole)["P"], answers(outside)["P"]
    np.testing.assert_array_equal(got, expected)
    assert expected.any()


def test_a_registered_sum_stays(tmp_path: Path) -> None:
    netlist = tmp_path / "netlist.json"
    netlist.write_text(json.dumps(multiplier(*SIGNED, ADREG=1)))
    assert write_routable(netlist, tmp_path / "same.json")["pre-adders"] == 0
