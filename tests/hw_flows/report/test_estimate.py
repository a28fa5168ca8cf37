# SPDX-License-Identifier: BSD-3-Clause
from hw_flows.accelerator import Accelerator, Instance
from hw_flows.report.estimate import estimate_report


def instance(name: str, **cost: float) -> Instance:
    cost = {"lut": 0, "ff": 0, "lutram": 0, "bram36": 0, "dsp": 0, **cost}
    return Instance(name, "OpenStreamingFIFO_rtl", "qu_fifo", {}, (), (), (), (), "MVAU_0", 1, 0, 0, cost)


def test_every_operator_and_the_sum_in_the_boards_units():
    report = estimate_report(
        Accelerator("a", (instance("one", lut=10, lutram=4, ff=3.25), instance("two", lut=1, bram36=0.5)), (), (), ())
    )
    assert report["operators"][0] == {
        "name": "one",
        "op_type": "OpenStreamingFIFO_rtl",
        "layer": "MVAU_0",
        "LUT": 14,
        "FF": 3.2,
        "LUTRAM": 4,
        "BRAM36": 0,
        "DSP": 0,
    }
    assert report["total"] == {"LUT": 15, "FF": 3.2, "LUTRAM": 4, "BRAM36": 0.5, "DSP": 0}
