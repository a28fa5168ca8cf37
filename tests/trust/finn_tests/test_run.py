# SPDX-License-Identifier: BSD-3-Clause
import json
from pathlib import Path

from trust.finn_tests.run import outcome, tally

FILE = "fpgadataflow/test_fpgadataflow_dwc.py"


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    file = folder / "results.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_every_chosen_test_is_counted(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"function": f"{FILE}::test_a", "cases": 40, "candidates": 3},
        {"test": f"{FILE}::test_a[0]", "outcome": "passed", "text": ""},
        {"test": f"{FILE}::test_a[1]", "outcome": "failed", "text": "E   a.h:1:1: fatal error: ap_int.h: No such file"},
        {"test": f"{FILE}::test_a[2]", "outcome": "left out", "text": ""},
    ]
    counted = tally(written(tmp_path, rows))
    found = outcome({("width", name): t for name, t in counted.items()}, 61)
    assert found.rows == (("width", "dwc", "40", "2", "1", "1", "0"),)
    assert found.holds
    assert "Not applicable, 1: needs Vitis HLS's headers." in found.notes


def test_a_test_without_a_result_has_failed(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"function": f"{FILE}::test_a", "cases": 40, "candidates": 3}]
    counted = tally(written(tmp_path, rows))
    found = outcome({("width", name): t for name, t in counted.items()}, 61)
    assert not found.holds
    assert found.figures["failed"] == 3


def test_nothing_run_does_not_hold() -> None:
    assert not outcome({}, 0).holds
