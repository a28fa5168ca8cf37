# SPDX-License-Identifier: BSD-3-Clause
"""The SystemVerilog modules of the operators by themselves: lint, and what a refused parameter gets."""

from __future__ import annotations

import pytest

from hw_flows.operators import OperatorFolder, folders
from hw_flows.testing.lint import lint
from hw_flows.testing.operator_bench import rtl_operator

REFUSED = [(folder, *refused) for folder in folders() for refused in folder.load("cases").REFUSED]


def test_every_operator_has_cases_and_refuses_something() -> None:
    assert {folder.path.name for folder, *_ in REFUSED} == {folder.path.name for folder in folders()}


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.path.name)
def test_lint_is_silent_for_all_parameters(folder: OperatorFolder) -> None:
    for case in folder.load("cases").GRID:
        result = lint(case)
        assert result.returncode == 0 and "%Warning" not in result.stderr, f"{case}\n{result.stderr}"


@pytest.mark.parametrize(
    ("folder", "bad", "message"), REFUSED, ids=[f"{folder.path.name}-{bad}" for folder, bad, _ in REFUSED]
)
def test_a_refused_parameter_is_named_with_its_instance(
    folder: OperatorFolder, bad: dict[str, int], message: str
) -> None:
    case = folder.load("cases").GRID[0]
    result = lint(case, **bad)
    assert result.returncode != 0
    assert message in result.stderr and f"In instance '{rtl_operator(case).module}" in result.stderr, result.stderr
