# SPDX-License-Identifier: BSD-3-Clause
"""Width conversion: the same elements in other words, at full rate."""

from __future__ import annotations

from pathlib import Path

import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.errors import UserError
from tests.hw_flows.operators.harness import FULL_SPEED, Case, build_model, check, check_netlist


def converter(elements_in: int, elements_out: int, data: str, shape: tuple[int, ...] = (1, 2, 3, 48)) -> Case:
    from qonnx.core.datatype import DataType

    bits = DataType[data].bitwidth()
    attributes = {
        "inShape": list(shape), "outShape": list(shape), "inWidth": elements_in * bits, "outWidth": elements_out * bits, "dataType": data,
    }  # fmt: skip
    return Case("OpenStreamingDataWidthConverter_rtl", attributes)


GRID = [
    converter(4, 4, "INT4"),
    converter(1, 2, "UINT1"),
    converter(2, 6, "INT3"),
    converter(1, 48, "UINT4"),
    converter(6, 2, "UINT5"),
    converter(48, 1, "INT7"),
    converter(4, 6, "UINT2"),
    converter(6, 4, "INT2"),
    converter(3, 16, "UINT3"),
    converter(16, 3, "INT9"),
    converter(8, 12, "UINT8", (1, 24)),
    converter(16, 9, "UINT1", (3, 144)),
]


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
