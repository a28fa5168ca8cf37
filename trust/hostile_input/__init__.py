# SPDX-License-Identifier: BSD-3-Clause
"""Bad input of every kind, through the real commands: nothing crashes, hangs, runs or gets out."""

from __future__ import annotations

from pathlib import Path

from trust.part import Evidence, EvidenceResult, Say


def _run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    from trust.hostile_input.trial import run  # imports much, which the forked commands do without

    return run(work, sample, say)


PART = Evidence(
    "hostile_input",
    "Hostile input",
    "Damaged and malicious files end in a message: nothing crashes, hangs, is executed or written elsewhere.",
    _run,
)
