# SPDX-License-Identifier: BSD-3-Clause
"""What Vivado and Vitis HLS say in their logs when something is wrong, and what it means."""

from __future__ import annotations

import re
from pathlib import Path

from hw_flows.machine.errors import CheckFailed, UserError

#: Pattern of a message -> what it means -> what to do.
_CAUSES = (
    (
        r"valid license was not found|\[Common 17-345\]|\[Common 17-348\]",
        "found no licence for the device",
        "the free Standard edition needs none for the XC7Z020; for others set XILINXD_LICENSE_FILE",
    ),
    (
        r"\[Coretcl 2-106\]|No parts matched|Part '[^']*' not found|\[HLS 200-1023\]",
        "does not know the part {part}",
        "add the family of the device to the installation (Help > Add Design Tools or Devices), or correct `fpga_part`",
    ),
    (
        r"board_part definition was not found|\[Board 49-71\]",
        "does not know the board",
        "run `finn deps update`, which brings the board files",
    ),
    (
        r"could not open \$readmem data file",
        "did not find a memory image, which would be empty in the bitstream",
        "run the build again from step_stitch; if it persists, this is a bug",
    ),
)
_TOO_BIG = r"\[DRC UTLZ-1\]|\[Place 30-640\]|\[Place 30-487\]"
_LAST = 12


def known_cause(log: Path, part: str) -> UserError | None:
    """The error of a failed run where its cause is known: CheckFailed where the design does not fit the device."""
    text = _read(log)
    words = own_errors(log)
    if re.search(_TOO_BIG, text):
        return CheckFailed(
            f"the design does not fit {part}; Vivado says:\n{words}",
            str(log),
            "give a lower --target-fps, train with fewer channels or bits, or choose a larger device",
        )
    for pattern, meaning, fix in _CAUSES:
        if re.search(pattern, text):
            return UserError(f"Vivado {meaning.format(part=part)}; its words:\n{words}", str(log), fix)
    return None


def own_errors(log: Path) -> str:
    """The tool's errors and critical warnings, the last ones; where it gave none, the end of its log."""
    lines = _read(log).splitlines()
    told = [line for line in lines if line.startswith(("ERROR:", "CRITICAL WARNING:", "WARNING: [Device"))]
    return "\n".join((told or [line for line in lines if line.strip()])[-_LAST:]) or "(none)"


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
