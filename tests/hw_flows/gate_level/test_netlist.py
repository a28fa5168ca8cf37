# SPDX-License-Identifier: BSD-3-Clause
"""What has no model, or cannot work, is refused with the name of the cell."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level import NetlistSimulator
from hw_flows.gate_level.simulator import LANES
from hw_flows.machine.errors import UserError

CLOCK, A, B, Y, Z = 2, 3, 4, 5, 6


def cell(kind: str, parameters: dict[str, Any] | None = None, **connections: int | str) -> dict[str, Any]:
    return {"type": kind, "parameters": parameters or {}, "connections": {k: [v] for k, v in connections.items()}}


def netlist(**cells: dict[str, Any]) -> Netlist:
    """Inputs clk, a and b, output y."""
    ports = {
        name: {"direction": "output" if name == "y" else "input", "bits": [net]}
        for name, net in (("clk", CLOCK), ("a", A), ("b", B), ("y", Y))
    }
    return Netlist({"modules": {"top": {"ports": ports, "cells": cells}}}, "top.json")


def outputs(design: Netlist, *inputs: tuple[int, int]) -> list[list[int]]:
    """y in each lane for some values of a and b."""
    values = np.array(inputs, np.uint8)
    ports = {name: np.repeat(values[:, k].reshape(-1, 1, 1), LANES, axis=1) for k, name in enumerate("ab")}
    if not any("C" in c["connections"] for c in design._cells.values()):
        ports["clk"] = np.zeros_like(ports["a"])
    return NetlistSimulator(design, find_family("xc7")).trace(ports)["y"][:, :, 0].tolist()


def test_a_lut_is_looked_up_with_its_first_input_lowest():
    design = netlist(u=cell("LUT2", {"INIT": "0010"}, I0=A, I1=B, O=Y))
    assert outputs(design, (0, 0), (1, 0), (0, 1), (1, 1)) == [[0, 0], [1, 1], [0, 0], [0, 0]]


def test_flip_flops_take_their_next_value_together():
    first = cell("FDRE", {"INIT": "1"}, C=CLOCK, CE="1", R="0", D=A, Q=Z)
    second = cell("FDRE", {"INIT": "0"}, C=CLOCK, CE=B, R="0", D=Z, Q=Y)
    assert outputs(netlist(f=first, s=second), (0, 1), (0, 0), (0, 1), (0, 1)) == [[0, 0], [1, 1], [1, 1], [0, 0]]


def test_undefined_values_that_matter_differ_between_the_stimuli():
    design = netlist(u=cell("LUT2", {"INIT": "1000"}, I0=A, I1="x", O=Y))
    assert outputs(design, (0, 0), (1, 0)) == [[0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ({"odd": cell("PLLE2_ADV", O=Y)}, r"odd \(PLLE2_ADV\): this type of cell has no model"),
        ({"u": cell("LUT1", {"INIT": "01", "SPEED": "11"}, I0=A, O=Y)}, r"u \(LUT1\): SPEED of LUT1 has no model"),
        ({"u": cell("LUT1", {"INIT": "01"}, I0=A, I9=B, O=Y)}, "I9 of LUT1 has no model"),
        (
            {"f": cell("FDRE", {"IS_C_INVERTED": "1"}, C=CLOCK, CE="1", R="0", D=A, Q=Y)},
            "IS_C_INVERTED = 1 has no model",
        ),
        ({"f": cell("FDCE", {}, C=CLOCK, CE="1", CLR=B, D=A, Q=Y)}, "asynchronous set or reset that is in use"),
        ({"m": cell("RAMB18E1", {"DOA_REG": "1"})}, "DOA_REG = 1 has no model"),
        ({"d": cell("DSP48E1", {"USE_SIMD": "TWO24"})}, "ALUMODEREG = 1 has no model"),
        ({"u": cell("LUT1", {"INIT": "01"}, I0=Z, O=Y)}, "u reads net .*, which nothing drives"),
        (
            {"u": cell("LUT1", {"INIT": "01"}, I0=A, O=Y), "v": cell("LUT1", {"INIT": "01"}, I0=B, O=Y)},
            "several drivers",
        ),
        (
            {"u": cell("LUT2", {"INIT": "0111"}, I0=A, I1=Z, O=Y), "v": cell("LUT1", {"INIT": "01"}, I0=Y, O=Z)},
            "combinational loop through [uv], [uv]",
        ),
        (
            {"f": cell("FDRE", C=CLOCK, CE="1", R="0", D=A, Q=Z), "g": cell("FDRE", C=B, CE="1", R="0", D=Z, Q=Y)},
            "not all cells are clocked by one port.*f, g",
        ),
    ],
)
def test_what_has_no_model_is_refused_by_name(cells, complaint):
    with pytest.raises(UserError, match=complaint):
        NetlistSimulator(netlist(**cells), find_family("xc7"))


def test_a_file_that_is_no_flat_netlist_is_refused(tmp_path):
    path = tmp_path / "netlist.json"
    for text in ("{", "[]", json.dumps({"modules": {}})):
        path.write_text(text)
        with pytest.raises(UserError):
            Netlist.load(path)
    with pytest.raises(UserError, match="cannot be read"):
        Netlist.load(tmp_path / "none.json")
