# SPDX-License-Identifier: BSD-3-Clause
"""Mutants of two operators through all that can say something about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hw_flows import conftest  # noqa: F401  FINN is made importable
from trust.mutation.campaign import Campaign
from trust.mutation.mutants import SourceMutant, mutants_of

OPERATORS = Path("hw_flows/operators").resolve()


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return Campaign(tmp_path_factory.mktemp("mutation"))


def mutant(file: str, new_line: str) -> SourceMutant:
    """The mutant that turns a line into this one."""
    (found,) = [m for m in mutants_of(OPERATORS / file) if str(m).endswith(f"  ->  {new_line}")]
    return found


@pytest.mark.parametrize(
    ("file", "line", "by"),
    [
        ("fork/qu_fork_stream.sv", "assign s_axis_tready = &(m_axis_tready & done);", {"cycles"}),
        ("fork/qu_fork_stream.sv", "assign m_axis_tvalid = {OUTPUTS{s_axis_tvalid}} & done;", {"hang", "values"}),
        ("fork/qu_fork_stream.sv", "else done <= done & (m_axis_tready & m_axis_tvalid);", {"hang", "values"}),
        ("padding/qu_padding.sv", "logic [Y_BITS-0:0] y;", {"lint"}),
        ("padding/qu_padding.sv", "assign frame_start   = x == '0 || y == '0;", {"hang"}),
    ],
)
def test_a_wrong_operator_is_caught(campaign, file, line, by):
    judged = campaign.judge(mutant(file, line))
    assert judged.caught and judged.by in by, judged
