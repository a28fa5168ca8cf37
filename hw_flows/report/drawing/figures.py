# SPDX-License-Identifier: BSD-3-Clause
"""What a drawing says of operators and FIFOs: figures of the reports by the names of instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from hw_flows.accelerator import Accelerator
from hw_flows.report.format import quantity
from hw_flows.report.names import OwnNames

#: Upper ends of the classes of how busy an operator is, but for the last.
BUSY_CLASSES = (0.2, 0.4, 0.6, 0.8)
#: Where the report of FIFOs says that one's words wait beside the chip.
IN_MEMORY = "board"


class Figures:
    """Of one build; reports of steps that have not run are None."""

    def __init__(
        self,
        accelerator: Accelerator,
        names: OwnNames,
        performance: Mapping[str, Any] | None = None,
        fifos: Mapping[str, Any] | None = None,
    ) -> None:
        self.rows: Mapping[str, str] | None = None
        """Where operators' blocks lead, by their names, where that is not the report's own table."""
        self.accelerator, self.names = accelerator, names
        slowest = max(accelerator.instances, key=lambda i: i.expected_cycles, default=None)
        known = performance or {}
        self.bottleneck: str | None = known.get("bottleneck") or (slowest.name if slowest else None)
        self.interval: float = known.get("cycles_per_frame") or (slowest.expected_cycles if slowest else 0) or 1
        self.fifos: dict[str, Mapping[str, Any]] = {row["name"]: row for row in (fifos or {}).get("fifos", [])}
        self.number = {instance.name: number for number, instance in enumerate(accelerator.instances)}

    def link(self, name: str) -> Markup:
        """Attributes of an operator's block: where it leads, and which details it shows."""
        if self.rows is not None:
            return Markup('href="#{}"').format(self.rows[name])
        return Markup('href="#r{n}" data-details="d{n}"').format(n=self.number[name])

    def busy(self, name: str) -> float:
        """The share of a frame's interval in which an operator is at work by its own model, at most 1."""
        return min(1.0, self.accelerator.instance(name).expected_cycles / self.interval)

    def busy_class(self, name: str) -> int:
        """0 to 4, the busiest."""
        return sum(self.busy(name) > end for end in BUSY_CLASSES)

    def held(self, fifos: tuple[str, ...]) -> str:
        """Depth and peak of FIFOs in a row, in a few words; empty without any."""
        rows = [self.fifos[name] for name in fifos if name in self.fifos]
        return "; ".join(
            ("DRAM " if row.get("memory") == IN_MEMORY else "")
            + f"FIFO {quantity(row['depth'])} × {quantity(row['width'])} bit, peak {quantity(row['peak'])}"
            for row in rows
        )

    def filled(self, fifos: tuple[str, ...]) -> float | None:
        """The share of the largest of them that was in use at most; None without any."""
        rows = [self.fifos[name] for name in fifos if name in self.fifos and self.fifos[name]["depth"]]
        if not rows:
            return None
        row = max(rows, key=lambda r: r["depth"] * r["width"])
        return float(min(1.0, row["peak"] / row["depth"]))
