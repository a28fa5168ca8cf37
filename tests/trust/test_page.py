# SPDX-License-Identifier: BSD-3-Clause
from pathlib import Path

import pytest

from hw_flows.machine.errors import UserError
from trust.page import markdown
from trust.part import Evidence, EvidenceResult, read_outcome, write_outcome


def part(name: str = "mutation") -> Evidence:
    return Evidence(
        name, "Mutants caught", "Broken RTL is noticed.", lambda work, sample, say: EvidenceResult(True, "")
    )


def test_a_result_comes_back_as_it_was_written(tmp_path: Path) -> None:
    outcome = EvidenceResult(False, "1 of 2", ("a", "b"), (("1", "2"),), ("note",), {"caught": 1})
    write_outcome(tmp_path, part(), outcome, sample=True)
    assert read_outcome(tmp_path, part()) == (outcome, True)


def test_a_part_that_was_not_run_is_said_to_be() -> None:
    assert "| Mutants caught | not run | |" in markdown([(part(), None, False)])


def test_what_does_not_hold_and_what_is_a_sample_is_said() -> None:
    text = markdown([(part(), EvidenceResult(False, "1 of 2"), True)])
    assert "| [Mutants caught](#mutants-caught) | 1 of 2 | **does not hold** (sample) |" in text


def test_names_from_input_cannot_break_the_page() -> None:
    text = markdown([(part(), EvidenceResult(True, "x", ("name",), (("a|b\n<script>",),)), False)])
    assert "| a\\|b &lt;script> |" in text


def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "mutation.json").write_text("{")
    with pytest.raises(UserError, match=r"mutation\.json"):
        read_outcome(tmp_path, part())
