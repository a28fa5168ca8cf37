# SPDX-License-Identifier: BSD-3-Clause
"""FIFO: order kept, exactly `depth` words, full rate, each kind of storage."""

from __future__ import annotations

from pathlib import Path

import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators.base import Cost
from hw_flows.operators.fifo.cases import GRID, fifo
from hw_flows.operators.fifo.feedback import bad_feedback
from hw_flows.operators.fifo.rtl import BLOCK, DISTRIBUTED, IN_MEMORY, SHIFT, OpenStreamingFIFO_rtl
from hw_flows.testing.operator_bench import FULL_SPEED, STALLS, build_model, check, check_netlist, rtl_operator


def test_grid(tmp_path: Path) -> None:
    check(GRID, tmp_path)


def test_full_rate(tmp_path: Path) -> None:
    """One word a cycle through every FIFO of more than one word, behind the latency."""
    cases = [fifo(depth, ram_style=style) for style in ("srl", "distributed", "block") for depth in (3, 40)]
    (result,) = check(cases, tmp_path, frames=4, modes=(FULL_SPEED,))
    assert all(last - first == 4 * 150 - 1 for name, (first, last) in result.spans.items())


def test_capacity_is_the_depth(tmp_path: Path) -> None:
    depths = (1, 5, 12)
    cases = [fifo(depth, ram_style=style) for style in ("srl", "distributed", "block") for depth in depths]
    (result,) = check(cases, tmp_path, modes=(STALLS,))
    assert list(result.fifo_peaks.values()) == [*depths] * 3


def test_in_the_boards_memory_it_takes_nothing_here_and_is_none_of_finns_flow(tmp_path: Path) -> None:
    operator = rtl_operator(fifo(4096, ram_style=IN_MEMORY))
    assert operator.in_memory() and operator.cost() == Cost()
    assert operator.rtl_parameters()["DEPTH"] == 4096
    with pytest.raises(UserError, match="ram_style is `memory`"):
        operator.generate_hdl(None, "xc7z020clg400-1", 10.0)


def test_netlist(tmp_path: Path) -> None:
    check_netlist([fifo(17), fifo(40, lanes=5), fifo(70, lanes=3, data="INT4", ram_style="block")], tmp_path)


@pytest.mark.parametrize(
    ("depth", "lanes", "storage"),
    [(2, 2, SHIFT), (32, 16, SHIFT), (32, 25, DISTRIBUTED), (64, 4, DISTRIBUTED), (4096, 4, BLOCK)],
)
def test_storage_follows_cost(depth: int, lanes: int, storage: int) -> None:
    operator = getCustomOp(build_model([fifo(depth, lanes, "UINT4")]).graph.node[0])
    assert operator.storage() == storage
    assert operator.rtl_parameters() | {"SCATTERED": 0} == {
        "WORD_BITS": 4 * lanes,
        "DEPTH": depth,
        "STYLE": storage,
        "SCATTERED": 0,
    }


def test_scattered_addresses_come_each_once() -> None:
    """Every feedback of qu_address_counter.sv has the full period, so that a full FIFO overwrites nothing."""
    text = next(s for s in OpenStreamingFIFO_rtl.sources if s.name == "qu_address_counter.sv").read_text()
    assert bad_feedback(text) == []
    assert bad_feedback(text.replace("24'h000829", "24'h000828")) == [12]
    assert bad_feedback(text.replace("24'he10000", "24'he10001")) == [24]


@pytest.mark.parametrize(("change", "message"), [({"depth": 0}, "depth is 0"), ({"ram_style": "ultra"}, "`ultra`")])
def test_bad_parameters_are_named(change: dict, message: str) -> None:
    operator = getCustomOp(build_model([fifo(2)]).graph.node[0])
    for name, value in change.items():
        operator.set_nodeattr(name, value)
    with pytest.raises(UserError, match=message) as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where
