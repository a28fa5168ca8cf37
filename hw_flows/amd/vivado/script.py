# SPDX-License-Identifier: BSD-3-Clause
"""The Tcl that Vivado runs, in non-project mode: no project files, no IP, no block design (UG835, UG892).

The same input gives the same text: paths are relative to the folder that Vivado runs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Files that the script leaves in the folder it runs in.
TIMING = "timing_summary.rpt"
UTILIZATION = "utilization.rpt"
HIERARCHY = "utilization_hierarchical.rpt"
POWER = "power.rpt"
UNMATCHED = "power_unmatched.rpt"
DRC = "drc.rpt"
ROUTE_STATUS = "route_status.rpt"
CHECKPOINT = "routed.dcp"

#: Name of the clock in `zynq7_constraints`.
CLOCK = "fclk0"

#: Messages that Vivado passes over although the bitstream would be wrong: a memory image that is not found leaves the
#: memory empty; a clock whose pin is not found leaves the design untimed.
FATAL_MESSAGES = ("Synth 8-4445", "Vivado 12-4739")


@dataclass(frozen=True)
class Sources:
    """What the script reads; all paths relative to the folder that Vivado runs in, with slashes."""

    verilog: Sequence[str]
    """SystemVerilog in compile order."""
    memories: Sequence[str]
    """Images for `$readmemh`, whose file name is what the RTL names."""
    constraints: Sequence[str]


def write_script(top: str, part: str, sources: Sources, bitfile: str, threads: int, activity: str | None = None) -> str:
    """The script. `bitfile` is what it writes last; `threads` is what Vivado may use (at most 8 here). `activity`: a SAIF file whose
    first instance is the top module."""
    fatal = [f"set_msg_config -id {tcl_word(message)} -new_severity ERROR" for message in FATAL_MESSAGES]
    lines = [
        "# Written by qu-build.",
        f"create_project -in_memory -part {tcl_word(part)}",
        f"set_param general.maxThreads {min(8, max(1, threads))}",
        "",
        "# Vivado goes on after these, with a bitstream that cannot work.",
        *fatal,
        "",
        _read("read_verilog -sv", sources.verilog),
        *([_read("read_mem", sources.memories)] if sources.memories else []),
        _read("read_xdc", sources.constraints),
        "",
        # the hierarchy is needed by the report of what each operator takes
        f"synth_design -top {tcl_word(top)} -part {tcl_word(part)} -flatten_hierarchy rebuilt",
        "set missing [get_cells -hierarchical -quiet -filter {IS_BLACKBOX == 1}]",
        "if {[llength $missing] > 0} {",
        '  puts "ERROR: these modules have no source: $missing"',
        "  exit 1",
        "}",
        "",
        "opt_design",
        "place_design",
        "phys_opt_design",
        "route_design",
        "",
        f"report_timing_summary -delay_type min_max -max_paths 10 -file {TIMING}",
        f"report_utilization -file {UTILIZATION}",
        f"report_utilization -hierarchical -file {HIERARCHY}",
        *(_read_activity(top, activity) if activity is not None else []),
        f"report_power -file {POWER}",
        f"report_drc -file {DRC}",
        f"report_route_status -file {ROUTE_STATUS}",
        f"write_checkpoint -force {CHECKPOINT}",
        f"write_bitstream -force {tcl_word(bitfile)}",
    ]
    return "\n".join(lines) + "\n"


def zynq7_constraints(clock_mhz: float, cell: str = "ps7") -> str:
    """Constraints of the Zynq-7000 shell: its clock, and that the processing system stays although nothing reads it.

    `cell` is the PS7 primitive, seen from the top module. The processing system drives the clock on FCLKCLK[0] (UG585).
    """
    return (
        "# Written by qu-build.\n"
        f"create_clock -name {CLOCK} -period {1000.0 / clock_mhz:.3f} [get_pins {{{cell}/FCLKCLK[0]}}]\n"
        f"set_property DONT_TOUCH true [get_cells {{{cell}}}]\n"
        # the reset follows no clock of the logic and ends in a synchronizer
        f"set_false_path -through [get_pins {{{cell}/FCLKRESETN[0]}}]\n"
    )


def _read_activity(top: str, file: str) -> list[str]:
    """An activity that is not read makes the power less certain, and spoils nothing else."""
    read = f"read_saif -strip_path {tcl_word(top)} -out_file {UNMATCHED} {tcl_word(file)}"
    return [
        f"if {{[catch {{{read}}} message]}} {{",
        '  puts "WARNING: the switching activity was not read: $message"',
        "}",
    ]


def tcl_word(text: str) -> str:
    """`text` as one word of Tcl, braced where it has characters that Tcl would read."""
    assert "\n" not in text and text.count("{") == text.count("}") and "\\" not in text, text
    return text if text and not set(text) & set(' \t"$[]{};#') else "{" + text + "}"


def _read(command: str, files: Sequence[str]) -> str:
    listed = " \\\n".join(f"  {tcl_word(file)}" for file in files)
    return f"{command} [list \\\n{listed} \\\n]"
