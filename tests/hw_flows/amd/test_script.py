# SPDX-License-Identifier: BSD-3-Clause
"""The Tcl against golden files, and against a Tcl interpreter where the machine has one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hw_flows.amd.vivado.script import FATAL_MESSAGES, Sources, tcl_word, write_script, zynq7_constraints

GOLDEN = Path(__file__).parent / "golden"
SOURCES = Sources(
    verilog=["../rtl/qu_fifo.sv", "../rtl/quantunet_accel.sv", "../shell/qu_zynq7_top.sv"],
    memories=["../rtl/MVAU_0_weights.mem", "../rtl/Thresholding_0_thresholds_0_0.mem"],
    constraints=["constraints.xdc"],
)
ACTIVITY = "../verification/activity.saif"
SCRIPT = write_script("qu_zynq7_top", "xc7z020clg400-1", SOURCES, "quantunet.bit", threads=2, activity=ACTIVITY)
needs_tcl = pytest.mark.skipif(shutil.which("tclsh") is None, reason="needs tclsh")

#: Records every command of Vivado's instead of running it. `get_cells` answers with $black_boxes.
RECORDER = """\
foreach name {create_project set_param set_msg_config read_verilog read_mem read_xdc synth_design opt_design
    place_design phys_opt_design route_design report_timing_summary report_utilization report_power report_drc
    report_route_status read_saif write_checkpoint write_bitstream create_clock set_property set_false_path} {
  proc $name args "puts \\[list $name {*}\\$args\\]"
}
proc get_cells args { global black_boxes; return $black_boxes }
proc get_pins args { return $args }
"""


def run_tcl(script: str, black_boxes: str = "") -> subprocess.CompletedProcess[str]:
    text = f"set black_boxes {{{black_boxes}}}\n{RECORDER}\n{script}"
    return subprocess.run(["tclsh"], input=text, capture_output=True, text=True, timeout=60, check=False)


def test_the_script_is_the_golden_one():
    assert (GOLDEN / "build.tcl").read_text() == SCRIPT


def test_the_constraints_are_the_golden_ones():
    assert (GOLDEN / "zynq7.xdc").read_text() == zynq7_constraints(clock_mhz=100.0)


def test_the_period_is_that_of_the_clock():
    assert "-period 12.500 " in zynq7_constraints(clock_mhz=80.0)


def test_without_memories_nothing_reads_them():
    sources = Sources(SOURCES.verilog, [], SOURCES.constraints)
    assert "read_mem" not in write_script("qu_zynq7_top", "xc7z020clg400-1", sources, "quantunet.bit", threads=2)


def test_threads_stay_within_what_vivado_takes():
    many = write_script("top", "part", SOURCES, "a.bit", threads=64)
    assert "set_param general.maxThreads 8\n" in many


@needs_tcl
def test_tcl_runs_it_from_sources_to_bitstream():
    run = run_tcl(SCRIPT)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(("set_", "report_"))] == [
        "create_project",
        "read_verilog",
        "read_mem",
        "read_xdc",
        "synth_design",
        "opt_design",
        "place_design",
        "phys_opt_design",
        "route_design",
        "read_saif",
        "write_checkpoint",
        "write_bitstream",
    ]
    assert "read_verilog -sv {../rtl/qu_fifo.sv ../rtl/quantunet_accel.sv ../shell/qu_zynq7_top.sv}" in lines
    assert "synth_design -top qu_zynq7_top -part xc7z020clg400-1 -flatten_hierarchy rebuilt" in lines
    for message in FATAL_MESSAGES:
        assert f"set_msg_config -id {{{message}}} -new_severity ERROR" in lines


@needs_tcl
def test_tcl_goes_on_where_the_activity_is_not_read():
    refused = SCRIPT.replace("create_project", 'proc read_saif args {error "syntax error"}\ncreate_project', 1)
    run = run_tcl(refused)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    warning = lines.index("WARNING: the switching activity was not read: syntax error")
    assert warning < lines.index("report_power -file power.rpt") < lines.index("write_bitstream -force quantunet.bit")


def test_without_activity_none_is_read():
    script = write_script("qu_zynq7_top", "xc7z020clg400-1", SOURCES, "quantunet.bit", threads=2)
    assert "read_saif" not in script and "report_power -file power.rpt" in script


@needs_tcl
def test_tcl_stops_at_a_module_without_source():
    run = run_tcl(SCRIPT, black_boxes="shell/accelerator/MVAU_0")
    assert run.returncode == 1
    assert "ERROR: these modules have no source: shell/accelerator/MVAU_0" in run.stdout
    assert "opt_design" not in run.stdout


@needs_tcl
def test_tcl_reads_the_brackets_of_a_pin_as_text():
    run = run_tcl(zynq7_constraints(clock_mhz=100.0))
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0] == "create_clock -name fclk0 -period 10.000 {{ps7/FCLKCLK[0]}}"


@needs_tcl
@pytest.mark.parametrize("text", ["plain.sv", "with blank.sv", "a[0]", "$x", "a;b", "", "#c"])
def test_a_word_of_tcl_stays_as_it_is(text):
    run = subprocess.run(
        ["tclsh"],
        input=f"puts [list {tcl_word(text)}]\nputs [lindex [list {tcl_word(text)}] 0]",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.splitlines()[1] == text
