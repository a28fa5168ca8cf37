# SPDX-License-Identifier: BSD-3-Clause
"""What is read of nextpnr's report and log; and, where the tools are installed, a whole way to a bitstream."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.nextpnr_xilinx import odd_widths, read_result, tie_offs
from hw_flows.place_route.xray import Tile

REPORT = {
    "fmax": {"clk": {"achieved": 123.5, "constraint": 100}},
    "utilization": {
        "SLICE_LUTX": {"used": 511, "available": 106400},
        "DSP48E1_DSP48E1": {"used": 0, "available": 220},
        "PSEUDO_GND": {"used": 1, "available": 1},
    },
}
LOG = """\
shift registers, one a slice: 37
Info: 3 Hold/min time violations (showing 10 worst paths):
Info:       hold -0.67 -0.04 Source shell.memory.0.0.DIADI7
Info: -0.37 ns logic, 0.33 ns routing
Info:       hold -0.67 -0.03 Source shell.memory.0.0.DIADI10
"""


@pytest.fixture
def result(tmp_path):
    def read(report: dict, log: str):
        (tmp_path / "report.json").write_text(json.dumps(report))
        (tmp_path / "design.fasm").touch()
        return read_result(tmp_path / "design.fasm", tmp_path / "routed.json", tmp_path / "report.json", log, "0.11")

    return read


def test_figures_of_report_and_log(result):
    found = result(REPORT, LOG)
    assert found.fmax_mhz == 123.5
    assert found.utilization == {"SLICE_LUTX": (511, 106400)}
    assert found.shift_registers == 37
    assert (found.hold_violations, found.worst_hold_ns) == (3, -0.04)


def test_no_hold_violation(result):
    found = result(REPORT, LOG.splitlines()[0])
    assert (found.hold_violations, found.worst_hold_ns) == (0, 0.0)


def test_a_design_without_a_clock_is_no_result(result):
    with pytest.raises(CheckFailed, match="no clock"):
        result({**REPORT, "fmax": {}}, LOG)


def test_odd_ports_of_block_memories_get_what_nextpnr_leaves_out():
    tiles = {"BRAM_L_X6Y5": Tile("BRAM_L", 19, 150, {}, {}), "INT_L_X6Y5": Tile("INT_L", 19, 150, {}, {})}
    log = "block memory at 19 150 READ_WIDTH_A=0 READ_WIDTH_B=9 WRITE_WIDTH_A=36 WRITE_WIDTH_B=1\nInfo: other\n"
    assert odd_widths(log, SimpleNamespace(tiles=tiles)) == [
        Feature("BRAM_L_X6Y5", "RAMB36.BRAM36_READ_WIDTH_B_1", 0),
        Feature("BRAM_L_X6Y5", "RAMB36.BRAM36_WRITE_WIDTH_B_1", 0),
    ]


def test_constants_of_multipliers_that_no_switch_reaches_get_what_nextpnr_leaves_out():
    """For a 0 the tile's tie to ground, for a 1 the one to the supply, and the inverter behind it off."""
    tiles = {"DSP_R_X25Y95": Tile("DSP_R", 68, 57, {}, {}), "INT_R_X25Y95": Tile("INT_R", 68, 57, {}, {})}
    log = "multiplier at 68 57 DSP48_X0Y1 ALUMODE3=0 INMODE2=1\nInfo: other\n"
    assert tie_offs(log, SimpleNamespace(tiles=tiles)) == [
        Feature("DSP_R_X25Y95", "DSP_1_ALUMODE3.DSP_GND_R", 0),
        Feature("DSP_R_X25Y95", "DSP48.DSP_1.ZIS_ALUMODE_INVERTED", 3),
        Feature("DSP_R_X25Y95", "DSP_1_INMODE2.DSP_VCC_R", 0),
        Feature("DSP_R_X25Y95", "DSP48.DSP_1.ZIS_INMODE_INVERTED", 2),
    ]
