import json

from hw_flows.boards import load_board
from hw_flows.report import resources_report
from hw_flows.synthesize import OperatorResources, Resources

OPERATORS = [
    OperatorResources("MVAU_0", "OpenMVAU_rtl", "MVAU_0", Resources(LUT=40, FF=30, LUTRAM=8, SRL=8, BRAM36=0.5, DSP=2)),
    OperatorResources("MVAU_1", "OpenMVAU_rtl", "MVAU_1", Resources(LUT=60, FF=10, BRAM36=1.0)),
]


def test_the_report_has_totals_budget_and_operators():
    report = resources_report(OPERATORS, load_board("pynq-z2"), "Yosys 0.70")
    assert report["total"] == {"LUT": 100, "FF": 40, "LUTRAM": 8, "SRL": 8, "BRAM36": 1.5, "DSP": 2}
    assert report["available"]["BRAM36"] == 140
    assert report["fits"] is True
    assert report["operators"][1] == {
        "name": "MVAU_1", "op_type": "OpenMVAU_rtl", "layer": "MVAU_1",
        "LUT": 60, "FF": 10, "LUTRAM": 0, "SRL": 0, "BRAM36": 1, "DSP": 0,
    }  # fmt: skip
    assert '"LUT": 100,' in json.dumps(report), "counts are whole numbers"


def test_one_resource_too_many_and_it_does_not_fit():
    operators = [*OPERATORS, OperatorResources("buffer", "OpenStreamingFIFO_rtl", "MVAU_1", Resources(BRAM36=139))]
    assert resources_report(operators, load_board("pynq-z2"), "Yosys")["fits"] is False
    assert resources_report(operators, load_board("ulx3s-85f"), "Yosys")["fits"] is False
