# SPDX-License-Identifier: BSD-3-Clause
"""Thresholding: bisection equals counting, for every width, fold, sign and number of thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.thresholding.cases import GRID, thresholding
from hw_flows.testing.operator_bench import build_model, check, check_netlist


def test_grid(tmp_path: Path) -> None:
    full_speed, *_ = check(GRID, tmp_path, frames=3)
    assert full_speed.finished


def test_netlist(tmp_path: Path) -> None:
    check_netlist([GRID[2], GRID[3], GRID[11]], tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PE": 4}, "PE = 4 does not divide NumChannels = 6"),
        ({"numSteps": 300}, "numSteps is 300"),
        ({"inputDataType": "FLOAT32"}, "data type FLOAT32"),
        ({"outputDataType": "INT3"}, "outputDataType is INT3, which cannot hold ActVal -3 to ActVal"),
    ],
)
def test_bad_parameters_are_named(change: dict, message: str) -> None:
    from qonnx.custom_op.registry import getCustomOp

    operator = getCustomOp(build_model([GRID[2]]).graph.node[0])
    for name, value in change.items():
        operator.set_nodeattr(name, value)
    with pytest.raises(UserError, match=message) as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where


def test_thresholds_out_of_order_are_refused() -> None:
    from qonnx.custom_op.registry import getCustomOp

    model = build_model([thresholding(2, 1, "INT5", 3, output="UINT2", thresholds=np.array([[1, 0, 2], [0, 1, 2]]))])
    with pytest.raises(UserError, match="not sorted in ascending order"):
        getCustomOp(model.graph.node[0]).rtl_memories(model)
