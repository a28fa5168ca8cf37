# SPDX-License-Identifier: BSD-3-Clause
"""The part on proofs says what holds, how far, and what a broken copy slipped through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from proofs.bench import Mutant
from proofs.run import Caught, Proof
from trust import proofs
from trust.proofs import outcome

SHORT = Proof("fifo", {"DEPTH": 4}, ("order", "capacity"), None, {}, True, 1.0, (), "IC3")
LONG = Proof("fifo", {"DEPTH": 9}, ("order", "capacity"), None, {}, True, 1.0, (), "k-induction")
FIRST = Proof("packet_sum", {"BYTES": 1}, ("intact",), 14, {}, True, 1.0, (), "bounded")
BROKEN = Proof("fork", {"OUTPUTS": 2}, ("order",), None, {}, True, 1.0, ("FAIL: order (prove.log)",), "IC3")
COPY = Mutant("order", "qu_fifo_shift.sv", "a", "b")
SEEN = Caught("fifo", COPY, "FAIL", 0.5)
MISSED = Caught("fifo", COPY, "PASS", 0.5)


def test_a_row_has_the_range_of_parameters_and_how_it_was_proved() -> None:
    found = outcome([SHORT, LONG], [SEEN])
    assert found.holds
    assert found.rows == (
        ("fifo", "DEPTH 4 to 9", "2 of 2", "4", "for all times, IC3; for all times, k-induction", "1 of 1"),
    )
    assert found.figures["properties_proved"] == 4


def test_a_bound_is_told() -> None:
    found = outcome([SHORT, FIRST], [])
    assert found.rows[1][4] == "14 cycles"
    assert found.figures["unbounded"] == 1
    assert "packet_sum BYTES=1 is proved for the first 14 cycles only" in found.notes


def test_sizes_without_covers_of_their_own_are_told() -> None:
    found = outcome([SHORT, replace(LONG, covers=None)], [])
    assert any("but for 1 larger sizes" in note for note in found.notes)


def test_what_does_not_hold_counts_for_nothing_and_is_named() -> None:
    found = outcome([SHORT, BROKEN], [])
    assert not found.holds
    assert found.headline.startswith("1 of 2 proofs of 2 stream modules hold with 2 properties")
    assert "Does not hold: fork OUTPUTS=2: FAIL: order (prove.log)" in found.notes


def test_a_broken_copy_that_slips_through_is_named() -> None:
    found = outcome([SHORT], [SEEN, MISSED])
    assert not found.holds
    assert "Not caught: fifo, broken order: PASS in qu_fifo_shift.sv" in found.notes


def test_a_sample_runs_the_proofs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "SAMPLE", ("loop_counter",))
    lines: list[str] = []
    found = proofs.run(tmp_path, True, lines.append)
    assert found.holds
    assert found.figures["proofs"] == found.figures["broken_copies"] == 1
    assert set(lines) == {"loop_counter COUNT=3: holds", "loop_counter, broken last: caught"}
    assert (tmp_path / "proofs.md").is_file()
