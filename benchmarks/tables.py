# SPDX-License-Identifier: BSD-3-Clause
"""Tables as plain text or Markdown, for all scripts of this folder."""

from __future__ import annotations

from collections.abc import Sequence


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]], markdown: bool = False) -> str:
    """Rows of cells under a header. Cells of text stand on the left, all others on the right; None is a dash."""
    cells = [[_text(cell) for cell in row] for row in rows]
    left = [all(isinstance(row[i], str | None) for row in rows) for i in range(len(header))]
    if markdown:
        rule = "|" + "|".join("---" if side else "---:" for side in left) + "|"
        lines = [f"**{title}**", "", *(f"| {' | '.join(row)} |" for row in [list(header)]), rule]
        return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in cells), ""])
    widths = [max(len(header[i]), *(len(row[i]) for row in cells), 0) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        parts = (c.ljust(w) if side else c.rjust(w) for c, w, side in zip(row, widths, left, strict=True))
        return ("  " + "  ".join(parts)).rstrip()

    return "\n".join([title, line(header), *(line(row) for row in cells), ""])


def _text(cell: object) -> str:
    match cell:
        case None:
            return "-"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:,.1f}"
    return str(cell)


def percent(part: float, whole: float) -> str:
    """How far `part` is from `whole`, with its sign."""
    return f"{(part / whole - 1) * 100:+.2f} %"
