# SPDX-License-Identifier: BSD-3-Clause
"""Thresholding: bisection equals counting, for every width, fold, sign and number of thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qonnx.core.datatype import DataType

from hw_flows.errors import UserError
from tests.hw_flows.operators.harness import Case, build_model, check, check_netlist


def thresholding(
    channels: int, pe: int, data: str, steps: int, *, act_val: int = 0, output: str = "UINT4", shape: tuple[int, ...] = (1, 3, 5),
    per_tensor: bool = False, thresholds: np.ndarray | None = None, ram_style: str = "auto",
) -> Case:  # fmt: skip
    """Random sorted thresholds with equal neighbours, some at the ends of the input range and just above it."""
    rng = np.random.default_rng(channels * 31 + steps)
    low, high = int(DataType[data].min()), int(DataType[data].max())
    if thresholds is None:
        thresholds = np.sort(rng.integers(low, high + 2, (1 if per_tensor else channels, steps)), axis=1)
    attributes = {
        "NumChannels": channels, "PE": pe, "numSteps": steps, "inputDataType": data, "weightDataType": "INT32", "outputDataType": output,
        "numInputVectors": list(shape), "ActVal": act_val, "ram_style": ram_style,
    }  # fmt: skip
    return Case("OpenThresholding_rtl", attributes, ((thresholds, "INT32"),))


GRID = [
    thresholding(1, 1, "INT6", 1, output="UINT1"),
    thresholding(3, 3, "UINT8", 2, output="UINT2"),
    thresholding(6, 2, "INT9", 7, output="INT4", act_val=-3),
    thresholding(6, 1, "INT13", 15, output="UINT4"),
    thresholding(8, 4, "INT12", 15, output="INT4", act_val=-8, per_tensor=True),
    thresholding(5, 5, "UINT1", 1, output="UINT1"),
    thresholding(4, 2, "INT8", 1, output="INT2", act_val=-1),
    thresholding(12, 3, "INT16", 100, output="UINT7"),
    thresholding(2, 1, "INT11", 255, output="INT8", act_val=-128, shape=(1, 16, 9)),
    thresholding(2, 2, "UINT10", 5, output="INT9", act_val=-200),
    thresholding(40, 1, "INT18", 15, shape=(1, 2, 3)),
    thresholding(24, 2, "INT14", 7, output="UINT3", ram_style="block", shape=(2, 3)),
    thresholding(3, 1, "INT5", 3, output="UINT2", thresholds=np.array([[-16, -16, -16], [16, 16, 16], [-16, 0, 16]])),
    thresholding(2, 2, "UINT4", 3, output="UINT2", thresholds=np.array([[0, 0, 16], [0, 15, 15]])),
]


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
