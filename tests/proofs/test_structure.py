# SPDX-License-Identifier: BSD-3-Clause
"""Combinational paths from handshake to handshake are found in the netlist; the ones through a register are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.machine.tools import ToolError
from hw_flows.operators.proof import Bench
from proofs.run import wrong_paths
from proofs.structure import handshake_paths, netlist

PORTS = "input wire clk_i, input wire s_axis_tvalid, input wire m_axis_tready"


def paths_of(body: str, folder: Path) -> dict[str, tuple[str, ...]]:
    (folder / "small_bench.sv").write_text(
        f"module small_bench({PORTS}); logic m_axis_tvalid, s_axis_tready, held; {body} endmodule\n"
    )
    return handshake_paths(netlist(Bench("small", Path(), (), ({},), ()), {}, ["small_bench.sv"], folder))


def test_a_path_through_gates_is_found(tmp_path: Path) -> None:
    paths = paths_of("assign s_axis_tready = m_axis_tready; assign m_axis_tvalid = s_axis_tvalid;", tmp_path)
    assert paths == {"s_axis_tready": ("m_axis_tready",), "m_axis_tvalid": ("s_axis_tvalid",)}


def test_a_register_ends_a_path(tmp_path: Path) -> None:
    body = "always_ff @(posedge clk_i) begin held <= s_axis_tvalid; end assign m_axis_tvalid = held; assign s_axis_tready = held;"
    assert paths_of(body, tmp_path) == {}


def test_a_memory_read_at_once_passes_its_address_on_and_nothing_else(tmp_path: Path) -> None:
    body = (
        "logic memory[4]; assign m_axis_tvalid = memory[{2{m_axis_tready}}]; assign s_axis_tready = 1'b1;"
        "always_ff @(posedge clk_i) if (s_axis_tvalid) memory[0] <= s_axis_tvalid;"
    )
    assert paths_of(body, tmp_path) == {"m_axis_tvalid": ("m_axis_tready",)}


def test_a_memory_read_with_a_register_ends_a_path(tmp_path: Path) -> None:
    body = (
        "logic memory[4]; assign m_axis_tvalid = held; assign s_axis_tready = 1'b1;"
        "always_ff @(posedge clk_i) begin if (s_axis_tvalid) memory[0] <= s_axis_tvalid; held <= memory[{2{m_axis_tready}}]; end"
    )
    assert paths_of(body, tmp_path) == {}


def test_a_valid_that_waits_for_ready_is_wrong_even_if_declared(tmp_path: Path) -> None:
    paths = paths_of("assign m_axis_tvalid = s_axis_tvalid && m_axis_tready; assign s_axis_tready = 1'b1;", tmp_path)
    bench = Bench("small", Path(), (), ({},), (), paths={"m_axis_tvalid": ("m_axis_tready", "s_axis_tvalid")})
    assert wrong_paths(paths, bench) == ["m_axis_tvalid waits for m_axis_tready"]


def test_an_undeclared_path_is_wrong() -> None:
    bench = Bench("small", Path(), (), ({},), ())
    assert wrong_paths({"s_axis_tready": ("m_axis_tready",)}, bench) == [
        "s_axis_tready depends on m_axis_tready without a register"
    ]


def test_a_loop_of_gates_is_an_error(tmp_path: Path) -> None:
    body = "assign held = ~(held & s_axis_tvalid); assign m_axis_tvalid = held; assign s_axis_tready = 1'b1;"
    with pytest.raises(ToolError, match="loop"):
        paths_of(body, tmp_path)
