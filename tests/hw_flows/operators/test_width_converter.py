# SPDX-License-Identifier: BSD-3-Clause
"""Width conversion: the same elements in other words, at full rate."""

from __future__ import annotations

from pathlib import Path

import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators.width_converter.cases import GRID, converter
from hw_flows.testing.operator_bench import FULL_SPEED, build_model, check, check_netlist


def test_grid(tmp_path: Path) -> None:
    check(GRID, tmp_path)


@pytest.mark.parametrize(("elements_in", "elements_out"), [(2, 6), (6, 2), (4, 6), (6, 4), (3, 16)])
def test_full_rate(tmp_path: Path, elements_in: int, elements_out: int) -> None:
    """The side with more words moves one every cycle."""
    case = converter(elements_in, elements_out, "UINT4")
    (result,) = check([case], tmp_path, frames=4, modes=(FULL_SPEED,))
    assert result.cycles_per_frame == getCustomOp(build_model([case]).graph.node[0]).get_exp_cycles()
    assert result.cycles_per_frame == 288 // min(elements_in, elements_out)


def test_netlist(tmp_path: Path) -> None:
    check_netlist([GRID[2], GRID[4], GRID[8]], tmp_path)


def test_a_width_that_cuts_elements_is_refused() -> None:
    operator = getCustomOp(build_model([converter(4, 6, "UINT3")]).graph.node[0])
    operator.set_nodeattr("outWidth", 10)
    with pytest.raises(UserError, match="outWidth is 10 bits: not a whole number of 3-bit elements") as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where
