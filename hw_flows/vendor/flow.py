"""What a vendor flow is given and gives back; the same words as the flows of the open tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board


class Job(Protocol):
    """A verified accelerator and where its bitstream is to be made."""

    @property
    def accelerator(self) -> Accelerator: ...

    @property
    def board(self) -> Board: ...

    @property
    def output(self) -> Path:
        """The build's output folder: `rtl/` and `intermediate_models/` in it are read."""

    @property
    def clock_mhz(self) -> float: ...

    @property
    def jobs(self) -> int: ...

    @property
    def say(self) -> Callable[[float, str], None]:
        """Progress: a fraction and a few words."""


@dataclass(frozen=True)
class Shell:
    """The shell around the accelerator, written."""

    top: str
    """Module that instantiates the accelerator."""
    sources: tuple[Path, ...]
    """All SystemVerilog, the accelerator's included, in compile order."""
    constraints: str
    """Text of an XDC file."""
    identity: str
    """What the board answers with when it is asked which build it is, hexadecimal."""
    link: dict[str, Any]
    """How the host reaches the board."""


@dataclass(frozen=True)
class Result:
    """A finished bitstream: fields of `report/bitstream.json`."""

    flow: str
    files: tuple[Path, ...]
    """In `bitfile/`, the one to load first; none where the timing is not met."""
    identity: str
    link: dict[str, Any]
    clock_mhz: float
    fmax_mhz: float
    utilization: dict[str, tuple[float, float]]
    """Resource, in the tool's words -> used and available."""
    tools: dict[str, str]
    seconds: dict[str, float]
    checks: tuple[str, ...] = ()
    experimental: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)
