# SPDX-License-Identifier: BSD-3-Clause
import io

import pytest
from rich.console import Console

from hw_flows.report.files import write_report
from hw_flows.report.format import percent, quantity
from hw_flows.report.terminal import print_summary


def summary(output_dir) -> str:
    out = io.StringIO()
    print_summary(output_dir, Console(file=out, width=120))
    return out.getvalue()


def test_the_summary_says_what_was_verified_how_fast_and_what_it_costs(tmp_path, reports):
    for name, report in reports.items():
        write_report(tmp_path, name, report)
    text = summary(tmp_path)
    assert "bit-exact at full speed and with random stalls" in text
    assert "123,456 integers in 5 streams, 2 frames, 0 mismatches" in text
    assert "200,000 cycles/s" in text
    assert "21,277 frames/s at 100 MHz" in text
    assert "slowest MVAU_0" in text
    assert "equals the RTL: 2,234 cells, 192 words compared in 9,100 cycles" in text
    assert "fits" in text and "1,200" in text and "53,200" in text
    assert "45 MHz, the routed design reaches 61.2 MHz: timing met" in text
    assert "TRELLIS_COMB 36 %, DP16KD 25 %" in text
    assert "equal to the RTL in 8,192 integers of 2 frames" in text
    assert "openFPGALoader -b ulx3s" in text


def test_the_slowest_operator_is_named_by_its_layer_where_that_is_known(tmp_path, reports):
    write_report(tmp_path, "performance", {**reports["performance"], "bottleneck_layer": "[red]encoder.0.conv1"})
    assert "slowest [red]encoder.0.conv1 (MVAU_0)" in summary(tmp_path)


def test_the_summary_says_the_energy_of_a_frame_or_that_it_is_not_known(tmp_path, reports):
    for name in ("build", "performance", "bitstream"):
        write_report(tmp_path, name, reports[name])
    assert "not known, since the power is not" in " ".join(summary(tmp_path).split())
    power = {"total_w": 1.8, "dynamic_w": 1.6, "static_w": 0.2, "confidence": "Medium", "from": "[a tool]"}
    write_report(tmp_path, "bitstream", {**reports["bitstream"], "power": power})
    assert "0.188 mJ a frame: 1.8 W (1.6 W dynamic and 0.2 W static) at full speed; [a tool]" in summary(tmp_path)


def test_the_summary_says_what_is_read_from_memory(tmp_path, reports):
    write_report(tmp_path, "performance", {**reports["performance"], "dram_mb_s": 0.0})
    assert "MB/s" not in summary(tmp_path)
    reports["performance"].update(dram_mb_s=812.0, dram_bytes_a_frame=26_812_500, dram_ports=2)
    write_report(tmp_path, "performance", reports["performance"])
    assert "812 MB/s for weights, 26,812,500 bytes a frame, ports: 2" in summary(tmp_path)
    write_report(tmp_path, "performance", reports["performance"] | {"streams_in_memory": {"a": 4096}})
    assert "for weights and 1 skip connections" in summary(tmp_path)


def test_the_rate_of_a_single_frame_is_told_as_such(tmp_path, reports):
    write_report(tmp_path, "performance", {**reports["performance"], "latency_cycles": 9000})
    assert "one at a time" not in summary(tmp_path)
    write_report(tmp_path, "performance", {**reports["performance"], "latency_cycles": 4700})
    assert "one at a time" in summary(tmp_path)


def test_failures_stand_out_and_names_are_not_taken_for_markup(tmp_path, reports):
    verification = reports["verification"]
    verification.update(bit_exact=False, mismatches=7, first_mismatch={"text": "tensor [bold]x[/bold]: got 5"})
    verification["deadlock"] = "deadlock at cycle 9: full FIFOs: a; empty FIFOs that are waited for: b"
    reports["netlist"].update(exact=False, complaint="differs from the RTL: tensor [b]y[/b]")
    reports["resources"]["fits"] = False
    for name, report in reports.items():
        write_report(tmp_path, name, report)
    text = summary(tmp_path)
    assert "NOT bit-exact" in text
    assert "tensor [bold]x[/bold]: got 5" in text
    assert "full FIFOs: a" in text
    assert "WRONG: it differs from the RTL: tensor [b]y[/b]" in text
    assert "does NOT fit" in text


def test_nothing_is_said_about_steps_that_have_not_run(tmp_path):
    assert summary(tmp_path) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7.0, "7"),
        (1234567, "1,234,567"),
        (0.5, "0.5"),
        (0.13712, "0.137"),
        (3.2445, "3.24"),
        (1017.25, "1,017"),
    ],
)
def test_quantities(value, text):
    assert quantity(value) == text


def test_shares():
    assert [percent(s) for s in (0, 0.004, 0.352, 1.13, None)] == ["0 %", "0.4 %", "35 %", "113 %", "–"]


def test_what_the_host_computes_behind_the_logits_is_named(tmp_path, reports):
    reports["build"]["host_operators"] = ["Resize", "ArgMax"]
    for name, report in reports.items():
        write_report(tmp_path, name, report)
    assert "behind the logits, in float: Resize, ArgMax" in summary(tmp_path)
