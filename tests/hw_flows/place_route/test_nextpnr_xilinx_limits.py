# SPDX-License-Identifier: BSD-3-Clause
"""What place and route for 7-series would silently get wrong is refused before it runs."""

from __future__ import annotations

import pytest

from hw_flows.families.netlist import Cell
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.nextpnr_xilinx_limits import require_supported


def cell(kind: str, **parameters: str) -> Cell:
    return Cell("c", {"type": kind, "parameters": parameters, "connections": {}})


@pytest.mark.parametrize(
    "wrong, fault",
    [
        (cell("LUT6_2"), "2 times LUT6_2"),
        (cell("DSP48E1", A_INPUT="DIRECT", B_INPUT="CASCADE"), "cascade of a multiplier's factors"),
        (cell("DSP48E1", USE_DPORT="TRUE"), "pre-adder of a multiplier"),
        (cell("SRL16E", INIT="0000000000000100"), "shift register with initial bits"),
        (cell("RAM64M", INIT_A="0" * 64, INIT_C="01" * 32), "memory of LUTs with contents"),
        (cell("RAMB36E1", RAM_MODE="SDP "), "block memory of double width"),
        (cell("RAMB36E1", RAM_EXTENSION_A="UPPER"), "cascade of block memories"),
    ],
)
def test_cells_that_place_and_route_gets_wrong_are_refused(wrong, fault):
    with pytest.raises(CheckFailed, match=fault):
        require_supported([cell("LUT6", INIT="1" * 64), wrong, wrong])


def test_the_same_cells_in_the_forms_it_knows_pass():
    tdp = cell("RAMB36E1", RAM_MODE="TDP", RAM_EXTENSION_A="NONE ")
    dsp = cell("DSP48E1", A_INPUT="DIRECT", B_INPUT="DIRECT", MREG="1")
    require_supported([cell("SRL16E", INIT="0" * 16), cell("RAM32M", INIT_A="x" * 64), tdp, dsp])
