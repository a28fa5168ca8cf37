# SPDX-License-Identifier: BSD-3-Clause
"""An operator is one folder, a board one file, a flow one class and one entry: each made in a copy, and found by the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from trust.additions import ADDITIONS, Addition, attempt


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: addition.what)
def test_an_addition_takes_no_more_than_it_should_and_is_found(addition, tmp_path):
    found, complaint = attempt(addition, tmp_path, quick=True)
    assert complaint is None
    assert found.words == addition.takes


def test_an_addition_that_touches_more_or_does_not_build_is_noticed(tmp_path):
    def two_files(copy: Path, outside: Path) -> tuple[str, ...]:
        (outside / "a.yaml").write_text("name: a\n")
        (copy / "hw_flows" / "machine" / "errors.py").write_text(
            (copy / "hw_flows" / "machine" / "errors.py").read_text() + "\n"
        )
        return "--board", str(outside / "a.yaml"), "--flow", "none"

    found, complaint = attempt(Addition("a bad board", "", two_files, ""), tmp_path, quick=True)
    assert found.words == "1 new file, 1 changed file" and found.changed == ("hw_flows/machine/errors.py",)
    assert complaint is not None and "status 2" in complaint
