"""What became of a test: passed, not applicable for a reason outside of this project, or failed."""

from __future__ import annotations

import re
from dataclasses import dataclass

PASSED, NOT_APPLICABLE, FAILED = "passed", "not applicable", "failed"
#: Not run, because enough other cases of the test were.
LEFT_OUT = "left out"

#: Looked for in a failure in this order; what matches none is a failure. `{}` is the first group.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"urlopen error|gaierror|ConnectionError|Max retries exceeded", "downloads a model"),
        (r"(vitis_hls|vitis-run|v\+\+) not found", "needs Vitis HLS"),
        (
            r"ap_int\.h: No such file|ap_fixed\.h: No such file|hls_\w+\.h: No such file|HLS_PATH|hlslib",
            "needs Vitis HLS's headers",
        ),
        (r"block design: the IP core (\S+) needs Vivado", "needs Vivado's IP core {}"),
        (
            r"(?s)(?:BuildSimulation|insert_and_set_fifo_depths).*block design: synthesis needs",
            "FINN's FIFO sizing needs Vivado's synthesis",
        ),
        (r"block design: (\w+) needs Vivado", "needs Vivado's {}"),
        (r"E   hw_flows\.errors\.UserError: ([^\n]*)", "our operator refuses it: {}"),
        (
            r"Cannot find file containing module: '(DSP\w+|LUT\w+|SRL\w+|RAM\w+|CARRY\w+|URAM\w+|xpm_\w+)'",
            "needs vendor primitive {}",
        ),
        (r"KeyError: 'XILINX_(?:VITIS|HLS)'", "needs Vitis HLS"),
        (r"XILINX_VIVADO", "needs Vivado"),
        (r"(?:xelab|vivado|xvlog) not found", "needs Vivado"),
        (r"ModuleNotFoundError: No module named '(\w+)'", "needs Python package {}"),
    )
)
_UNSUPPORTED = re.compile(r"%Error(?:-\w+)?: (?:\S*?/)?(?:\d{3}_)?([\w.]+):\d+:\d+: ([^\n]*)")


@dataclass(frozen=True)
class Verdict:
    outcome: str
    """PASSED, NOT_APPLICABLE or FAILED."""
    reason: str = ""
    """What is missing, or the error's last line."""


def classify(outcome: str, text: str) -> Verdict:
    """The verdict on pytest's `outcome` of a test ("passed", "skipped", "failed", "expected failure") with its text."""
    if outcome == "passed":
        return Verdict(PASSED)
    if outcome == "expected failure":
        return Verdict(NOT_APPLICABLE, "FINN expects this test to fail")
    if outcome == "skipped":
        message = text.strip().splitlines()[-1] if text.strip() else ""
        return Verdict(NOT_APPLICABLE, f"FINN skips it: {message.removeprefix('Skipped: ')[:120]}")
    for pattern, reason in _REASONS:
        if found := pattern.search(text):
            return Verdict(NOT_APPLICABLE, reason.format(*found.groups()))
    if (found := _UNSUPPORTED.search(text)) and "Cannot find file" not in found[2]:
        return Verdict(NOT_APPLICABLE, f"Verilator does not read {found[1]}: {found[2]}")
    return Verdict(FAILED, _last_error(text))


def _last_error(text: str) -> str:
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return errors[0][:200] if errors else text.strip()[-200:]
