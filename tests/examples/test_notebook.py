# SPDX-License-Identifier: BSD-3-Clause
"""The notebook's cells, one after the other as a Python program: Jupyter itself is no dependency."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "examples" / "train_build_look.ipynb"


def test_it_trains_builds_and_looks(tmp_path: Path) -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 7
    (tmp_path / "cells.py").write_text("\n\n".join([*code, "assert built.ok and page.is_file()", ""]), encoding="utf-8")
    subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, check=True, timeout=900, capture_output=True)
    verified = json.loads((tmp_path / "builds" / "notebook" / "build" / "report" / "verification.json").read_text())
    assert verified["bit_exact"] and verified["streams"] > 20 and verified["mismatches"] == 0


def test_it_has_no_results_in_it_that_may_be_out_of_date() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells if cell["cell_type"] == "code")
