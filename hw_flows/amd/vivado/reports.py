# SPDX-License-Identifier: BSD-3-Clause
"""Vivado's text reports read back: timing summary, utilization, utilization by instance.

The layout is that of 2022.2 to 2025.x for 7-series and UltraScale+ devices: `report_timing_summary`, `report_utilization` and
`report_utilization -hierarchical` (UG835, UG906). A report that lacks what is looked for is an error, not a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hw_flows.families.resources import Resources
from hw_flows.machine.errors import UserError

#: Rows of the utilization report that make a `Resources`: the name on 7-series, and the one on UltraScale+.
ROWS = {
    "LUT": ("Slice LUTs", "CLB LUTs"),
    "FF": ("Slice Registers", "CLB Registers"),
    "LUTRAM": ("LUT as Memory",),
    "SRL": ("LUT as Shift Register",),
    "BRAM36": ("Block RAM Tile",),
    "URAM": ("URAM",),
    "DSP": ("DSPs",),
}
#: Rows that are there only where LUTs are shift registers, or where the device has such blocks.
_OPTIONAL = ("LUT as Shift Register", "URAM")


@dataclass(frozen=True)
class TimingSummary:
    """The design's timing after routing, in ns; a slack below 0 is a violation."""

    worst_setup_slack: float
    worst_hold_slack: float
    worst_pulse_width_slack: float
    failing_endpoints: int
    """Of setup, hold and pulse width together."""
    period: float
    """Of the accelerator's clock."""
    clock_slack: float
    """Worst setup slack on paths within the accelerator's clock."""
    without_clock: int
    """Register pins that no clock reaches; their paths were not looked at."""

    @property
    def met(self) -> bool:
        slacks = (self.worst_setup_slack, self.worst_hold_slack, self.worst_pulse_width_slack)
        return min(slacks) >= 0 and self.failing_endpoints == 0 and self.without_clock == 0

    @property
    def fmax_mhz(self) -> float:
        """Highest clock at which the accelerator meets its setup times, by the worst of its paths."""
        return 1000.0 / (self.period - self.clock_slack)


def read_timing(path: Path, clock: str) -> TimingSummary:
    """From `report_timing_summary`; the accelerator's clock is the one whose name begins with `clock`.

    Raises UserError where the design has no such clock: nothing was timed then.
    """
    text = _text(path)
    section = text.partition("| Design Timing Summary")[2]
    row = re.search(r"^\s*-------\s.*\n\s*(\S.*)$", section, re.MULTILINE)
    cells = row[1].split() if row else []
    if len(cells) < 12:
        raise UserError("the timing report has no Design Timing Summary that can be read", str(path))
    if "NA" in cells[:5]:
        raise UserError(
            "the timing report says NA: no clock constraint took effect, so nothing was timed",
            str(path),
            "look for create_clock in vivado.log",
        )
    # "fclk0  {0.000 5.000}        10.000          100.000", indented where it is made of another clock
    clocks = text.partition("| Clock Summary")[2].partition("| Intra Clock Table")[0]
    periods = re.findall(rf"^\s*({re.escape(clock)}\S*)\s+{{[^}}]*}}\s+([\d.]+)\s+[\d.]+\s*$", clocks, re.MULTILINE)
    unclocked = re.search(r"checking no_clock \((\d+)\)", text)
    if not periods or unclocked is None:
        raise UserError(f"the timing report lacks the clock {clock} or its timing checks", str(path))
    name, period = periods[0]
    intra = text.partition("| Intra Clock Table")[2].partition("| Inter Clock Table")[0]
    slack = re.search(rf"^\s*{re.escape(name)}\s+(-?[\d.]+)\s+-?[\d.]+\s+\d+\s+\d+", intra, re.MULTILINE)
    return TimingSummary(
        worst_setup_slack=float(cells[0]),
        worst_hold_slack=float(cells[4]),
        worst_pulse_width_slack=float(cells[8]),
        failing_endpoints=int(cells[2]) + int(cells[6]) + int(cells[10]),
        period=float(period),
        clock_slack=float(slack[1] if slack else cells[0]),
        without_clock=int(unclocked[1]),
    )


@dataclass(frozen=True)
class Utilization:
    """What the placed design takes."""

    resources: Resources
    rows: dict[str, tuple[float, float]]
    """Vivado's own name -> used and available, for every row that has both."""


def read_utilization(path: Path) -> Utilization:
    """From `report_utilization`. Raises UserError where a row of ROWS is missing."""
    used: dict[str, float] = {}
    rows: dict[str, tuple[float, float]] = {}
    for cells in _tables(_text(path), "Site Type"):
        name = cells["Site Type"].strip().rstrip("*")
        if name in used or not _is_number(cells.get("Used", "")):
            continue
        used[name] = float(cells["Used"])
        if _is_number(cells.get("Available", "")):
            rows[name] = (used[name], float(cells["Available"]))
    for name in _OPTIONAL:
        used.setdefault(name, 0.0)
    found = {key: next((name for name in names if name in used), None) for key, names in ROWS.items()}
    missing = [" or ".join(ROWS[key]) for key, name in found.items() if name is None]
    if missing:
        raise UserError(f"the utilization report lacks {', '.join(missing)}", str(path))
    return Utilization(Resources(**{key: used[name] for key, name in found.items() if name is not None}), rows)


def read_hierarchy(path: Path) -> dict[str, Resources]:
    """From `report_utilization -hierarchical`: instance path below the top, with slashes -> what it takes, all in all."""
    found: dict[str, Resources] = {}
    stack: list[tuple[int, str]] = []
    for cells in _tables(_text(path), "Instance"):
        cell = cells["Instance"]
        name = cell.strip()
        depth = len(cell) - len(cell.lstrip())
        if name.startswith("(") or not _is_number(cells.get("Total LUTs", "")):
            continue  # what an instance takes without its children has a row of its own
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, name))
        inside = "/".join(part for _, part in stack[1:])
        number = {key: float(value) for key, value in cells.items() if _is_number(value)}
        memory = number.get("LUTRAMs", 0) + number.get("SRLs", 0)
        dsp = next((value for key, value in number.items() if key.startswith("DSP")), 0.0)
        found[inside] = Resources(
            LUT=number["Total LUTs"],
            FF=number.get("FFs", 0),
            LUTRAM=memory,
            SRL=number.get("SRLs", 0),
            BRAM36=number.get("RAMB36", 0) + number.get("RAMB18", 0) / 2,
            DSP=dsp,
        )
    if not found:
        raise UserError("the report of utilization by instance holds no instance", str(path))
    return found


def _tables(text: str, first_column: str) -> Iterator[dict[str, str]]:
    """Rows, by the names of their columns, of every table whose first column is called `first_column`."""
    columns: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("+-"):
            continue
        if not line.startswith("|"):
            columns = None
            continue
        cells = line.strip().strip("|").split("|")
        if cells[0].strip() == first_column:
            columns = [cell.strip() for cell in cells]
        elif columns is not None and len(cells) == len(columns):
            # the first keeps its leading blanks: they tell the depth
            yield {
                name: cell if i == 0 else cell.strip()
                for i, (name, cell) in enumerate(zip(columns, cells, strict=True))
            }


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text.strip()) is not None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"Vivado left no report: {error.strerror}", str(path), "read vivado.log") from error
