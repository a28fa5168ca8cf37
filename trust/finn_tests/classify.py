# SPDX-License-Identifier: BSD-3-Clause
"""What became of a test: passed, not applicable for a reason outside of this project, or failed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from hw_flows.machine.tools import package_folder

PASSED, NOT_APPLICABLE, FAILED = "passed", "not applicable", "failed"
#: Not run, because enough other cases of the test were.
LEFT_OUT = "left out"

_PRIMITIVE = r"(DSP\w+|LUT\w+|SRL\w+|RAM\w+|CARRY\w+|URAM\w+|xpm_\w+)"
#: Looked for in this order in the failure's last frames and its error; what matches none is a failure. `{}` is the first
#: group. Each names where the error comes from, so that one of ours that only mentions Vivado is none of them.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), reason)
    for pattern, reason in (
        (r"^E .*(?:URLError: <urlopen error|requests\.exceptions\.ConnectionError)", "downloads a model"),
        (r"^E .*fatal error: (?:ap_\w+|hls_\w+)\.h: No such file", "needs Vitis HLS's headers"),
        (
            r"finn/util/hls\.py:\d+: in build\n(?! *\S+\.py:\d+: in)[^\n]*\nE .*XILINX_VIVADO was not set",
            "needs Vitis HLS",
        ),
        (
            r"hw_flows/operators/\S+\.py:\d+: in \w+\n(?! *\S+\.py:\d+: in)[^\n]*\nE +hw_flows\.machine\.errors\.UserError: ([^\n]*)",
            "our operator refuses it: {}",
        ),
        (rf"^E +%Error: [^\n]*Cannot find file containing module: '{_PRIMITIVE}'", "needs vendor primitive {}"),
        (rf"^E +\.\.\. Looked in:\nE +{_PRIMITIVE}$", "needs vendor primitive {}"),
    )
)
#: The same for the errors of the block design, which follow FINN's own that there is no design.
_NO_DESIGN = re.compile(r"^E .*CreateStitchedIP failed, no wrapper HDL found", re.MULTILINE)
_SIZING = re.compile(r"simulation_build\.py:\d+: in build_simulation$", re.MULTILINE)
_DESIGN_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), reason)
    for pattern, reason in (
        (r"^block design: the IP core (\S+) needs Vivado", "needs Vivado's IP core {}"),
        (r"^block design: (\w+) needs Vivado", "needs Vivado's {}"),
    )
)
#: What Verilator 5.048 has no support for, in a file of FINN's library. Any other of its errors may be our making. The last
#: one follows from constant functions under generate, whose own line a long message no longer holds.
_UNSUPPORTED = re.compile(
    r"^(?:E +)?%Error(?:-UNSUPPORTED)?: (?:\S*?/)?(?:\d{3}_)?([\w.]+):\d+:\d+: "
    r"(Constant function may not be declared under generate|Expecting expression to be constant|Unsupported: [^\n]*|"
    r"Illegal assignment of constant to unpacked array)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class TestVerdict:
    outcome: str
    """PASSED, NOT_APPLICABLE or FAILED."""
    reason: str = ""
    """What is missing, or the error's last line."""


def classify(outcome: str, text: str) -> TestVerdict:
    """The verdict on pytest's `outcome` of a test ("passed", "skipped", "failed", "expected failure") with its text."""
    if outcome == "passed":
        return TestVerdict(PASSED)
    if outcome == "expected failure":
        return TestVerdict(NOT_APPLICABLE, "FINN expects this test to fail")
    if outcome == "skipped":
        message = text.strip().splitlines()[-1] if text.strip() else ""
        return TestVerdict(NOT_APPLICABLE, f"FINN skips it: {message.removeprefix('Skipped: ')[:120]}")
    error, _, design = text.partition("\nblock design: ")
    for pattern, reason in _REASONS:
        if found := pattern.search(error):
            return TestVerdict(NOT_APPLICABLE, reason.format(*found.groups()))
    design = f"block design: {design}" if _NO_DESIGN.search(error) else ""
    for pattern, reason in _DESIGN_REASONS:
        if found := pattern.search(design):
            what = "FINN's sizing of FIFOs " if _SIZING.search(error) else ""
            return TestVerdict(NOT_APPLICABLE, what + reason.format(*found.groups()))
    if (found := _UNSUPPORTED.search(f"{error}\n{design}")) and found[1] in _finns_sources():
        return TestVerdict(NOT_APPLICABLE, f"Verilator does not read {found[1]}: {found[2]}")
    return TestVerdict(FAILED, _last_error(text))


@cache
def _finns_sources() -> frozenset[str]:
    """The names of the files of FINN's library of RTL."""
    return frozenset(file.name for file in (package_folder("finn") / "finn-rtllib").rglob("*.sv"))


def _last_error(text: str) -> str:
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return errors[0][:200] if errors else text.strip()[-200:]
