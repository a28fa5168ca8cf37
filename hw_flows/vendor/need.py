"""What a flow needs on this machine, as `qu-doctor` tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing that was looked for."""

    name: str
    ok: bool
    detail: str
    """Version or place where it is well, else what is wrong."""
    fix: str = ""
    """Command or sentence that brings it."""
    optional: bool = False
    """Useful, but the flow does without it."""
