# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.amd.vivado.power import Power, read_power
from hw_flows.amd.vivado.reports import read_hierarchy, read_timing, read_utilization
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import UserError
from tests.hw_flows.amd import report_texts

VERSIONS = sorted(report_texts.BUILDS)


def write(tmp_path, text):
    path = tmp_path / "report.rpt"
    path.write_text(text)
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_timing_that_is_met(tmp_path, version):
    timing = read_timing(write(tmp_path, report_texts.timing(version)), "fclk0")
    assert timing.met
    assert (timing.worst_setup_slack, timing.worst_hold_slack, timing.worst_pulse_width_slack) == (0.412, 0.031, 3.75)
    assert timing.period == 10.0
    assert timing.fmax_mhz == pytest.approx(1000 / (10 - 0.412))


def test_timing_that_is_missed_lowers_the_clock(tmp_path):
    timing = read_timing(write(tmp_path, report_texts.timing(setup="-1.250", failing=310)), "fclk0")
    assert not timing.met
    assert timing.failing_endpoints == 310
    assert timing.fmax_mhz == pytest.approx(1000 / 11.25)


@pytest.mark.parametrize("bad", [{"hold": "-0.010", "failing": 1}, {"pulse": "-0.200"}, {"without_clock": 4}])
def test_hold_pulse_width_and_clocks_that_reach_nothing_count(tmp_path, bad):
    assert not read_timing(write(tmp_path, report_texts.timing(**bad)), "fclk0").met


def test_the_clock_is_the_accelerators_own_where_there_are_several(tmp_path):
    other = "clk_fpga_0  {0.000 5.000}        10.000          100.000         \n  "
    text = report_texts.timing(clock="clk_out1_top_clk_wiz_0_0", period=12.5, setup="0.500").replace(
        "clk_out1_top_clk_wiz_0_0  {", other + "clk_out1_top_clk_wiz_0_0  {"
    )
    timing = read_timing(write(tmp_path, text), "clk_out1")
    assert timing.period == 12.5
    assert timing.fmax_mhz == pytest.approx(1000 / 12.0)
    with pytest.raises(UserError, match="lacks the clock fclk0"):
        read_timing(write(tmp_path, text), "fclk0")


def test_a_design_without_a_clock_is_not_called_fast(tmp_path):
    with pytest.raises(UserError, match="no clock constraint took effect"):
        read_timing(write(tmp_path, report_texts.timing(setup="NA", hold="NA", pulse="NA")), "fclk0")


def test_a_report_of_something_else_is_an_error(tmp_path):
    other = write(tmp_path, report_texts.utilization())
    with pytest.raises(UserError, match="no Design Timing Summary"):
        read_timing(other, "fclk0")
    with pytest.raises(UserError, match="no instance"):
        read_hierarchy(other)
    with pytest.raises(UserError, match="lacks Slice LUTs"):
        read_utilization(write(tmp_path, report_texts.timing()))
    with pytest.raises(UserError, match="left no report"):
        read_timing(tmp_path / "absent.rpt", "fclk0")


@pytest.mark.parametrize("version", VERSIONS)
def test_utilization(tmp_path, version):
    used = read_utilization(write(tmp_path, report_texts.utilization(version)))
    assert used.resources == Resources(LUT=31877, FF=28456, LUTRAM=3211, SRL=1204, BRAM36=88.5, DSP=146)
    assert used.rows["Slice LUTs"] == (31877, 53200)
    assert used.rows["Block RAM Tile"] == (88.5, 140)
    assert "RAMB36E1 only" not in used.rows  # it has no number of its own that are available


def test_utilization_of_an_ultrascale_device(tmp_path):
    used = read_utilization(write(tmp_path, report_texts.ultrascale_utilization()))
    assert used.resources == Resources(LUT=31877, FF=28456, LUTRAM=3211, SRL=1204, BRAM36=88.5, URAM=4, DSP=146)
    assert used.rows["CLB LUTs"] == (31877, 117120)


def test_a_design_without_shift_registers_has_no_row_for_them(tmp_path):
    used = read_utilization(write(tmp_path, report_texts.utilization(shift=0)))
    assert (used.resources.LUTRAM, used.resources.SRL) == (0, 0)


def test_what_each_instance_takes_with_its_children(tmp_path):
    found = read_hierarchy(write(tmp_path, report_texts.hierarchy(["MVAU_0", "Thresholding_1"])))
    assert found["shell/accelerator/MVAU_0"] == Resources(LUT=100, FF=50, LUTRAM=15, SRL=5, BRAM36=2, DSP=1)
    assert found["shell/accelerator"].BRAM36 == 86.5
    assert found[""].LUT == 31877  # the whole design
    assert set(found) == {
        "",
        "shell",
        "shell/accelerator",
        "shell/accelerator/MVAU_0",
        "shell/accelerator/Thresholding_1",
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_power_and_what_it_was_told_from(tmp_path, version):
    text = report_texts.power(version, activity="../verification/activity.saif", matched="52%   (13439/25972)")
    assert read_power(write(tmp_path, text)) == Power(
        1.683, 1.541, 0.142, "Medium", "../verification/activity.saif", "52% (13439/25972)"
    )
    without = read_power(write(tmp_path, report_texts.power(version)))
    assert (without.activity_file, without.nets_matched) == (None, None)


def test_power_of_a_device_that_gets_too_hot_or_hardly_does_anything(tmp_path):
    hot = report_texts.power(total="18.571 (Junction temp exceeded!)", dynamic="<0.001")
    assert (read_power(write(tmp_path, hot)).total_w, read_power(write(tmp_path, hot)).dynamic_w) == (18.571, 0.001)


def test_power_that_is_not_told_is_an_error_and_no_zero(tmp_path):
    with pytest.raises(UserError, match="lacks the row Total On-Chip"):
        read_power(write(tmp_path, report_texts.utilization()))
    with pytest.raises(UserError, match="says 'NA' in its row Dynamic"):
        read_power(write(tmp_path, report_texts.power(dynamic="NA")))
    with pytest.raises(UserError, match="left no power report"):
        read_power(tmp_path / "none.rpt")
