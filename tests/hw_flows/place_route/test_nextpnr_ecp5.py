# SPDX-License-Identifier: BSD-3-Clause
import json

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError
from hw_flows.place_route.nextpnr_ecp5 import device_options, place_and_route, read_report

#: A register that inverts itself, driven by the board's oscillator.
NETLIST = {
    "modules": {
        "top": {
            "attributes": {"top": "1"},
            "ports": {
                "clk_25mhz": {"direction": "input", "bits": [2]},
                "q": {"direction": "output", "bits": [3]},
            },
            "cells": {
                "ff": {
                    "type": "TRELLIS_FF",
                    "parameters": {"CLKMUX": "CLK", "CEMUX": "1 ", "GSR": "DISABLED"},
                    "attributes": {},
                    "port_directions": {"CLK": "input", "DI": "input", "Q": "output", "LSR": "input"},
                    "connections": {"CLK": [2], "DI": [4], "Q": [3], "LSR": ["0"]},
                },
                "lut": {
                    "type": "LUT4",
                    "parameters": {"INIT": "0101010101010101"},
                    "attributes": {},
                    "port_directions": {"A": "input", "B": "input", "C": "input", "D": "input", "Z": "output"},
                    "connections": {"A": [3], "B": ["0"], "C": ["0"], "D": ["0"], "Z": [4]},
                },
            },
            "netnames": {
                "clk_25mhz": {"bits": [2], "attributes": {}},
                "q": {"bits": [3], "attributes": {}},
                "d": {"bits": [4], "attributes": {}},
            },
        }
    }
}
CONSTRAINTS = """\
FREQUENCY PORT "clk_25mhz" 25 MHZ;
LOCATE COMP "clk_25mhz" SITE "G2";
LOCATE COMP "q" SITE "B2";
IOBUF PORT "clk_25mhz" IO_TYPE=LVCMOS33;
IOBUF PORT "q" IO_TYPE=LVCMOS33;
"""


def test_the_parts_ordering_code_says_which_device_it_is():
    assert device_options("LFE5U-85F-6BG381C") == ["--85k", "--package", "CABGA381", "--speed", "6"]
    assert device_options("LFE5UM5G-45F-8BG554I") == ["--um5g-45k", "--package", "CABGA554", "--speed", "8"]
    for part in ("xc7z020clg400-1", "LFE5U-85F-6XX381C", "LFE5U-99F-6BG381C"):
        with pytest.raises(UserError, match=part):
            device_options(part)


def write(folder, netlist=NETLIST, constraints=CONSTRAINTS):
    (folder / "design.json").write_text(json.dumps(netlist))
    (folder / "design.lpf").write_text(constraints)
    return folder / "design.json", folder / "design.lpf"


def test_a_small_design_is_placed_routed_and_measured(tmp_path):
    routed = place_and_route(*write(tmp_path), "LFE5U-85F-6BG381C", 25.0, tmp_path / "work", tmp_path / "log")
    assert routed.configuration.read_text().startswith(".device LFE5U-85F")
    assert routed.wanted_mhz == 25
    assert routed.fmax_mhz > 100
    assert routed.utilization["TRELLIS_FF"] == (1, 83640)
    assert routed.utilization["TRELLIS_IO"] == (2, 365)
    assert routed.critical_path


def test_a_pin_that_the_package_lacks_ends_it_with_the_tools_own_words(tmp_path):
    files = write(tmp_path, constraints=CONSTRAINTS.replace('"B2"', '"ZZ99"'))
    with pytest.raises(ToolError, match="ZZ99"):
        place_and_route(*files, "LFE5U-85F-6BG381C", 25.0, tmp_path / "work", tmp_path / "log")


def test_a_design_that_misses_its_clock_is_told_by_the_figures(tmp_path):
    report = {
        "fmax": {"clk": {"achieved": 39.5, "constraint": 50.0}},
        "utilization": {"DP16KD": {"used": 3, "available": 208}},
        "critical_paths": [],
    }
    (tmp_path / "report.json").write_text(json.dumps(report))
    routed = read_report(tmp_path)
    assert routed.fmax_mhz < routed.wanted_mhz
    assert routed.utilization == {"DP16KD": (3, 208)}
