# SPDX-License-Identifier: BSD-3-Clause
"""SymbiYosys runs one bench: what fails is named, and a missing part too."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.fork.proof import FORK
from hw_flows.operators.proof import STRUCTURE, Mutant
from hw_flows.operators.shared.proof import LOOP_COUNTER
from proofs import sby
from proofs.run import run_mutant
from proofs.sources import collect

COUNTER = LOOP_COUNTER


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UserError, match="yowasp-sby is missing"):
        sby.command(tmp_path)


def test_a_cover_out_of_reach_is_named(tmp_path: Path) -> None:
    slow = dataclasses.replace(COUNTER, depth=3)
    verdict = sby.cover(slow, {"COUNT": 16}, collect(slow, tmp_path), tmp_path)
    assert verdict.status == "FAIL"
    assert any("loop_counter_bench.sv" in place for place in verdict.named)


def test_a_bound_too_short_for_an_error_does_not_see_it(tmp_path: Path) -> None:
    short = dataclasses.replace(COUNTER, bound=3)
    long = dataclasses.replace(COUNTER, bound=12)
    late = Mutant("last", "qu_loop_counter.sv", "LAST = BITS'(COUNT - 1)", "LAST = BITS'(COUNT - 2)", {"COUNT": 8})
    assert not run_mutant(short, late, tmp_path / "short").caught
    assert run_mutant(long, late, tmp_path / "long").caught


def test_a_property_that_no_assertion_has_is_an_error(tmp_path: Path) -> None:
    unknown = Mutant("lost", "qu_loop_counter.sv", "LAST = BITS'(COUNT - 1)", "LAST = BITS'(COUNT - 2)")
    with pytest.raises(UserError, match="no verdict"):
        run_mutant(COUNTER, unknown, tmp_path)


def test_a_valid_that_waits_for_ready_is_caught_by_the_structure(tmp_path: Path) -> None:
    (mutant,) = (m for m in FORK.mutants if m.property == STRUCTURE)
    assert run_mutant(FORK, mutant, tmp_path).caught
