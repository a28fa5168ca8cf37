# SPDX-License-Identifier: BSD-3-Clause
"""The table says what does not hold, and the command ends accordingly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofs import table
from proofs.__main__ import main
from proofs.bench import Mutant
from proofs.run import Caught, Proof, holds

HELD = Proof("fork", {"OUTPUTS": 2}, ("order",), None, {"m_axis_tvalid": ("s_axis_tvalid",)}, True, 2.5, (), "IC3")
BROKEN = Proof("fifo", {"DEPTH": 4}, ("order",), None, {}, True, 1.0, ("FAIL: order (prove.log)",), "IC3")
MISSED = Caught("fork", Mutant("order", "qu_fork_stream.sv", "a", "b"), "PASS", 0.5)


def test_files_tell_what_holds(tmp_path: Path) -> None:
    table.write(tmp_path, [HELD, BROKEN], [MISSED])
    content = json.loads((tmp_path / "proofs.json").read_text())
    assert content["summary"] == {
        "primitives": 2,
        "proofs": 2,
        "proofs_held": 1,
        "unbounded": 1,
        "properties": 2,
        "mutants": 1,
        "mutants_caught": 0,
    }
    assert content["proofs"][0]["combinational_paths"] == {"m_axis_tvalid": ["s_axis_tvalid"]}
    assert "| fifo | DEPTH=4 | 1 | NOT PROVED |" in (tmp_path / "proofs.md").read_text()


def test_problems_and_missed_copies_are_told() -> None:
    text = table.text([HELD, BROKEN], [MISSED])
    assert "fifo DEPTH=4: FAIL: order (prove.log)" in text
    assert "broken copy not caught by order" in text
    assert not holds([HELD], [MISSED])
    assert not holds([BROKEN], [])
    assert holds([HELD], [])


def test_an_unknown_primitive_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--only", "fifi", "--output", str(tmp_path)]) == 2
    assert "fifi is not a primitive with a proof" in capsys.readouterr().err
