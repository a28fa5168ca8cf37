# SPDX-License-Identifier: BSD-3-Clause
"""The page of all evidence: Markdown, made from the parts' result files and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from trust.part import Evidence, EvidenceResult

Found = tuple[Evidence, EvidenceResult | None, bool]
"""A part, what it found (None: it was not run), and whether that was only a sample."""


def markdown(found: Sequence[Found]) -> str:
    """The page; a part without result says so."""
    lines = [
        "# Evidence",
        "",
        "What was tried to find a wrong result, a crash or a hang. Made by `make trust`; `make test` runs a sample of each part.",
        "",
        "| | result | |",
        "|---|---|---|",
    ]
    for part, outcome, sample in found:
        if outcome is None:
            lines.append(f"| {part.title} | not run | |")
            continue
        word = "holds" if outcome.holds else "**does not hold**"
        lines.append(f"| [{part.title}](#{_anchor(part.title)}) | {_cell(outcome.headline)} | {word}{_only(sample)} |")
    for part, outcome, sample in found:
        if outcome is not None:
            lines += ["", *_section(part, outcome, sample)]
    return "\n".join(lines) + "\n"


def _section(part: Evidence, outcome: EvidenceResult, sample: bool) -> list[str]:
    lines = [f"## {part.title}", "", f"{part.claim} `python -m trust --only {part.name}`{_only(sample)}:"]
    lines += ["", _cell(outcome.headline)]
    if outcome.rows:
        lines += ["", _line(outcome.columns), _line(["---"] * len(outcome.columns))]
        lines += [_line(row) for row in outcome.rows]
    if outcome.notes:
        lines += ["", *(f"- {_cell(note)}" for note in outcome.notes)]
    return lines


def _only(sample: bool) -> str:
    return " (sample)" if sample else ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    """Text that cannot break the table or become markup: names in it may come from hostile input."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(escaped.split())


def _anchor(title: str) -> str:
    """As GitHub makes it of a heading."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")
