# SPDX-License-Identifier: BSD-3-Clause
"""One kind of evidence and what its trial came to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import write_text_atomically

Say = Callable[[str], None]
"""Told what happens, a line each."""


@dataclass(frozen=True)
class EvidenceResult:
    """What a part found, as the page shows it."""

    holds: bool
    """Whether everything that was tried came out as it should."""
    headline: str
    """One sentence with the figures, such as "412 of 420 mutants caught (98.1 %)"."""
    columns: tuple[str, ...] = ()
    """Headings of the table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Plain text; the page escapes it."""
    notes: tuple[str, ...] = ()
    """What the figures do not say: limits, reasons of what could not be tried."""
    figures: dict[str, int | float | str] = field(default_factory=dict)
    """The headline's figures for programs."""


@dataclass(frozen=True)
class Evidence:
    """One kind of evidence."""

    name: str
    """Of its folder and of its result file."""
    title: str
    """Heading on the page."""
    claim: str
    """What it shows, one sentence."""
    run: Callable[[Path, bool, Say], EvidenceResult]
    """Tries everything (or, where the second argument is true, a sample of minutes) in an empty working folder."""


def write_outcome(folder: Path, part: Evidence, outcome: EvidenceResult, sample: bool) -> None:
    """Write `<folder>/<name>.json`."""
    content = {"part": part.name, "sample": sample, **asdict(outcome)}
    write_text_atomically(folder / f"{part.name}.json", json.dumps(content, indent=1) + "\n")


def read_outcome(folder: Path, part: Evidence) -> tuple[EvidenceResult, bool] | None:
    """What an earlier run wrote and whether it was a sample; None where there is nothing.

    Raises:
        UserError: the file is damaged.
    """
    file = folder / f"{part.name}.json"
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        outcome = EvidenceResult(
            holds=content["holds"],
            headline=content["headline"],
            columns=tuple(content["columns"]),
            rows=tuple(tuple(row) for row in content["rows"]),
            notes=tuple(content["notes"]),
            figures=content["figures"],
        )
        return outcome, bool(content["sample"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("is damaged", str(file), "remove it and run the part again") from error
