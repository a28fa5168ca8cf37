# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.report.energy import ASK_VIVADO, MEASURE, energy_a_frame

POWER = {"total_w": 2.0, "dynamic_w": 1.75, "static_w": 0.25, "confidence": "High", "from": "a tool"}
PERFORMANCE = {"cycles_per_frame": 50_000, "clock_mhz": 100.0, "fps": 2000.0}


def test_energy_is_power_over_the_frame_rate_at_the_bitstreams_clock():
    energy = energy_a_frame({}, PERFORMANCE, {"power": POWER, "clock_mhz": 50.0})
    assert energy.millijoules == pytest.approx(2.0)  # 2 W for 1 ms
    assert energy.words == "2 W (1.75 W dynamic and 0.25 W static) at full speed; a tool; confidence: High"


@pytest.mark.parametrize("bitstream", [None, {"clock_mhz": 50.0}, {"clock_mhz": 50.0, "power": None}])
def test_without_power_there_is_no_energy(bitstream):
    energy = energy_a_frame({"fpga_part": "xc7z020clg400-1"}, PERFORMANCE, bitstream)
    assert energy.millijoules is None
    assert energy.words == f"not known, since the power is not; {ASK_VIVADO} or {MEASURE} would tell it"


def test_vivado_is_not_advised_for_devices_that_it_does_not_know():
    words = energy_a_frame({"fpga_part": "LFE5U-85F-6BG381C"}, PERFORMANCE, None).words
    assert words == f"not known, since the power is not; {MEASURE} would tell it"
    assert energy_a_frame({}, PERFORMANCE, None).words == words


def test_a_report_that_was_not_read_is_named():
    words = energy_a_frame({}, PERFORMANCE, {"clock_mhz": 50.0, "power": None, "power_unknown": "no report"}).words
    assert "the power is not (no report);" in words
