# SPDX-License-Identifier: BSD-3-Clause
"""Proofs: a mutant in disguise is told from one that is wrong."""

from __future__ import annotations

import pytest

from tests.hw_flows import conftest  # noqa: F401  FINN is made importable
from tests.hw_flows.operators.harness import write_design
from tests.hw_flows.operators.test_fifo import fifo
from tests.hw_flows.operators.test_padding import SAME, padding
from trust.mutation.equivalence import equivalent


@pytest.mark.parametrize(
    ("case", "file", "old", "new", "equal"),
    [
        (padding([2, 3], SAME, 4, 2, "INT3"), "qu_padding.sv", "logic [Y_BITS-1:0] y;", "logic [Y_BITS+2:0] y;", True),
        (padding([2, 3], SAME, 4, 2, "INT3"), "qu_padding.sv", "if (x == X_BEFORE)", "if (x > X_BEFORE)", False),
        # the memory's words, which reset does not clear, are seen only once they are written
        (fifo(5, ram_style="block"), "qu_fifo_block.sv", "count != '0;", "count >= COUNT_BITS'(1);", True),
        (fifo(5, ram_style="block"), "qu_fifo_block.sv", "count != COUNT_BITS'(DEPTH)", "1'b1", False),
    ],
)
def test_equal_and_wrong_mutants(case, file, old, new, equal, tmp_path):
    _, accelerator, rtl = write_design([case], tmp_path / "design")
    source = (rtl / file).read_text()
    assert source.count(old) == 1
    change = {file: source.replace(old, new)}
    assert equivalent(accelerator, accelerator.instances[0], rtl, change, tmp_path / "proof") == equal
