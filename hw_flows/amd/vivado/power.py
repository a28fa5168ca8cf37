# SPDX-License-Identifier: BSD-3-Clause
"""Vivado's power report read back: the table "Summary" of `report_power` (UG907), alike from 2022.2 to 2025.x."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError


@dataclass(frozen=True)
class Power:
    """What the device takes, in W, by Vivado's model of it and of how often the nets change."""

    total_w: float
    dynamic_w: float
    static_w: float
    confidence: str
    """Vivado's word for how much it was told: Low, Medium or High."""
    activity_file: str | None
    """SAIF file that it was told from."""
    nets_matched: str | None
    """Of the design's nets, those that the file names: "52% (13439/25972)"."""


def read_power(path: Path) -> Power:
    """Raises UserError where the report is missing, or a row that is looked for."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"Vivado left no power report: {error.strerror}", str(path), "read vivado.log") from error
    rows = {
        name.strip(): value.strip() for name, value in re.findall(r"^\|([^|\n]+)\|([^|\n]+)\|\s*$", text, re.MULTILINE)
    }

    def row(name: str) -> str:
        if name not in rows:
            raise UserError(f"the power report lacks the row {name}", str(path))
        return rows[name]

    def watts(name: str) -> float:
        # "0.265", "1.795 (Junction temp exceeded!)"; "<0.001" is taken as 0.001
        number = re.match(r"<?(\d+(?:\.\d+)?)(?=$|\s)", row(name), re.ASCII)
        if number is None:
            raise UserError(f"the power report says {row(name)!r} in its row {name}", str(path))
        return float(number[1])

    def given(name: str) -> str | None:
        value = rows.get(name, "---")
        return None if value in ("---", "NA", "") else re.sub(r"\s+", " ", value)

    return Power(
        total_w=watts("Total On-Chip Power (W)"),
        dynamic_w=watts("Dynamic (W)"),
        static_w=watts("Device Static (W)"),
        confidence=row("Confidence Level"),
        activity_file=given("Simulation Activity File"),
        nets_matched=given("Design Nets Matched"),
    )
