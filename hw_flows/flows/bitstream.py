# SPDX-License-Identifier: BSD-3-Clause
"""What a flow is given to make a bitstream of, and what it gives back: the same for every tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board
from hw_flows.machine.errors import CheckFailed


@dataclass(frozen=True)
class RecordedActivity:
    """Switching activity of the accelerator in its shell."""

    file: Path
    """SAIF."""
    frames: int


@dataclass(frozen=True)
class BitstreamJob:
    """A verified accelerator and where its bitstream is to be made."""

    accelerator: Accelerator
    board: Board
    output: Path
    """The build's output folder; `rtl/` in it holds the accelerator."""
    clock_mhz: float
    """The clock asked for; a shell takes the nearest that is not faster."""
    jobs: int
    say: Callable[[float, str], None]
    """Progress: a fraction and a few words."""
    activity: RecordedActivity | None = None
    """For flows that read it."""

    @property
    def rtl(self) -> Path:
        return self.output / "rtl"

    @property
    def shell(self) -> Path:
        """Folder for the shell's sources."""
        return self.output / "shell"

    @property
    def bitfile(self) -> Path:
        """Folder for what is loaded into the device."""
        return self.output / "bitfile"

    @property
    def logs(self) -> Path:
        return self.output / "logs" / "bitstream"


@dataclass(frozen=True)
class Bitstream:
    """A finished bitstream: the fields of `report/bitstream.json`."""

    flow: str
    files: tuple[Path, ...]
    """In `bitfile/`, the one to load first."""
    identity: str
    """16 hexadecimal digits that the board answers with."""
    link: dict[str, Any]
    """How the host reaches the board: the `link` of `deploy/accelerator.json`."""
    clock_mhz: float
    """The accelerator's clock."""
    fmax_mhz: float
    """Highest clock at which the routed design meets its timing."""
    utilization: dict[str, tuple[int, int]]
    """Resource, in the tool's words -> used and available, after placement."""
    tools: dict[str, str]
    """Tool -> version."""
    seconds: dict[str, float]
    """What was done -> seconds."""
    checks: tuple[str, ...] = ()
    """What was checked on the bitstream and held, in words."""
    experimental: str | None = None
    """Why nobody should rely on it yet, if so."""
    notes: dict[str, Any] = field(default_factory=dict)
    refused: CheckFailed | None = None
    """The check of the routed design, other than that of its clock, that does not hold."""

    @property
    def timing_met(self) -> bool:
        return self.fmax_mhz >= self.clock_mhz

    def report(self, output: Path) -> dict[str, Any]:
        """Fields of `report/bitstream.json`, paths relative to the output folder."""
        return {
            "flow": self.flow,
            "files": [str(path.relative_to(output)) for path in self.files],
            "identity": self.identity,
            "clock_mhz": round(self.clock_mhz, 6),
            "fmax_mhz": round(self.fmax_mhz, 2),
            "timing_met": self.timing_met,
            "utilization": [
                {"name": name, "used": used, "available": available}
                for name, (used, available) in self.utilization.items()
            ],
            "link": self.link,
            "tools": self.tools,
            "seconds": {what: round(seconds, 1) for what, seconds in self.seconds.items()},
            "checks": list(self.checks),
            "experimental": self.experimental,
            **self.notes,
        }
