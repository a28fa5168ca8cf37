# SPDX-License-Identifier: BSD-3-Clause
"""What was tried, as the Markdown that docker/README.md shows."""

from __future__ import annotations

from collections.abc import Sequence

from trust.containers.engine import TrialEngine
from trust.containers.trial import Tried


def markdown(date: str, engine: TrialEngine, revision: str, machine: str, tried: Sequence[Tried]) -> str:
    """A sentence and a table, a row for each thing that was tried."""
    user = f"user {engine.owner}" + ("" if engine.other_user is None else " (not the caller)")
    held = sum(row.holds for row in tried)
    lines = [
        f"{date}: {held} of {len(tried)} hold. Sources {revision or 'unknown'}; {engine.version}; base image "
        f"{engine.base}; {machine}; inside: {user}, no network, one cache that "
        "was empty at first.",
        "",
        "| where | what | time | found |",
        "|---|---|---|---|",
        *(f"| {row.where} | {row.what} | {_time(row.seconds)} | {_cell(row)} |" for row in tried),
    ]
    return "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _cell(row: Tried) -> str:
    words = row.found.replace("|", "\\|").replace("\n", " ")
    return words if row.holds else f"**does not hold**: {words}"
