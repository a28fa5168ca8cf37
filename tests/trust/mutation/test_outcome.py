# SPDX-License-Identifier: BSD-3-Clause
"""What the mutants come to: which count, what the page is told."""

from __future__ import annotations

from pathlib import Path

import trust.mutation
from trust.mutation.campaign import Judged
from trust.mutation.mutants import SourceMutant, mutants_of

SOURCE = Path("hw_flows/operators/fork/qu_fork_stream.sv").resolve()
NAME = "fork/qu_fork_stream.sv"
MUTANTS: list[SourceMutant] = mutants_of(SOURCE)


def judged(**counts: int) -> dict[str, list[Judged]]:
    kinds = [by.replace("_", " ") for by, count in counts.items() for _ in range(count)]
    return {NAME: [Judged(mutant, by, "why") for mutant, by in zip(MUTANTS, kinds, strict=False)]}


def test_equal_and_unusable_mutants_do_not_count():
    outcome = trust.mutation.outcome(judged(values=5, lint=1, equivalent=2, unusable=1, missed=1), {NAME: 15})
    assert outcome.headline.startswith(
        "6 of 7 mutants of the operators' 1 sources caught (85.7 %), 5 of them in simulation"
    )
    assert not outcome.holds
    assert outcome.rows == ((NAME, "15", "10", "6", "2", "1", "values 5, lint 1"),)


def test_every_missed_mutant_is_named_with_its_change():
    outcome = trust.mutation.outcome(judged(missed=1), {NAME: 15})
    assert outcome.notes[0].startswith(f"Missed: fork/{MUTANTS[0]}")
    assert "(why)" in outcome.notes[0]


def test_enough_caught_holds():
    assert trust.mutation.outcome(judged(hang=3), {NAME: 15}).holds
