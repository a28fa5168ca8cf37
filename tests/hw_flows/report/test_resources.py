# SPDX-License-Identifier: BSD-3-Clause
import json
from pathlib import Path

from hw_flows.boards import load_board
from hw_flows.families.resources import Resources
from hw_flows.report.resources import resources_report
from hw_flows.synthesize import OperatorResources

OPERATORS = [
    OperatorResources(
        "MVAU_0",
        "OpenMVAU_rtl",
        "MVAU_0",
        Resources(LUT=40, FF=30, LUTRAM=8, SRL=8, BRAM36=0.5, DSP=2),
        Path("netlist"),
    ),
    OperatorResources("MVAU_1", "OpenMVAU_rtl", "MVAU_1", Resources(LUT=60, FF=10, BRAM36=1.0), Path("netlist")),
]
WHOLE = Resources(LUT=98, FF=40, LUTRAM=8, SRL=8, BRAM36=1.5, DSP=2)


def test_the_report_has_totals_budget_and_operators():
    report = resources_report(OPERATORS, WHOLE, load_board("pynq-z2"), "Yosys 0.70")
    assert report["total"] == {"LUT": 98, "FF": 40, "LUTRAM": 8, "SRL": 8, "BRAM36": 1.5, "DSP": 2}
    assert report["available"]["BRAM36"] == 140
    assert report["fits"] is True
    assert report["operators"][1] == {
        "name": "MVAU_1",
        "op_type": "OpenMVAU_rtl",
        "layer": "MVAU_1",
        "LUT": 60,
        "FF": 10,
        "LUTRAM": 0,
        "SRL": 0,
        "BRAM36": 1,
        "DSP": 0,
    }
    assert '"LUT": 98,' in json.dumps(report), "counts are whole numbers"


def test_one_resource_too_many_and_it_does_not_fit():
    for blocks, fits in ((140, True), (140.5, False)):
        assert resources_report(OPERATORS, Resources(BRAM36=blocks), load_board("pynq-z2"), "Yosys")["fits"] is fits


def test_the_prediction_stands_beside_what_was_synthesized():
    row = {"LUT": 50, "FF": 33, "LUTRAM": 8, "BRAM36": 0.5, "DSP": 2}
    estimate = {
        "total": {"LUT": 49, "FF": 50, "LUTRAM": 8, "BRAM36": 1.5, "DSP": 3},
        "operators": [{"name": "MVAU_0", "op_type": "OpenMVAU_rtl", "layer": "MVAU_0", **row}],
    }
    report = resources_report(OPERATORS, WHOLE, load_board("pynq-z2"), "Yosys", estimate)
    assert report["estimate"] == estimate["total"]
    assert report["deviation"] == {"LUT": -0.5, "FF": 0.25, "LUTRAM": 0, "BRAM36": 0, "DSP": 0.5}
    assert report["operators"][0]["estimate"] == row
    assert "estimate" not in report["operators"][1], "an operator that was not predicted"


def test_something_predicted_where_nothing_is_has_no_relative_deviation():
    estimate = {"total": {"LUT": 98, "FF": 40, "LUTRAM": 8, "BRAM36": 1.5, "DSP": 1}, "operators": []}
    whole = Resources(LUT=98, FF=40, BRAM36=1.5)
    report = resources_report(OPERATORS, whole, load_board("pynq-z2"), "Yosys", estimate)
    assert report["deviation"] == {"LUT": 0, "FF": 0, "LUTRAM": None, "BRAM36": 0, "DSP": None}
