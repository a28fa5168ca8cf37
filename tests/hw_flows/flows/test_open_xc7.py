# SPDX-License-Identifier: BSD-3-Clause
"""The open flow for Zynq-7000 boards: what it asks for, and, where its tools are installed, a bitstream."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hw_flows.accelerator import Accelerator, Endpoint, Stream, StreamPort
from hw_flows.boards import load_board
from hw_flows.families import find_family
from hw_flows.flows import find_flow, open_xc7, usable_board
from hw_flows.flows.bitstream import BitstreamJob
from hw_flows.lift.lift import lift_bitstream
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route import debian_tools, nextpnr_xilinx
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.frames import assemble
from hw_flows.place_route.nextpnr_xilinx import RoutedDesign
from hw_flows.place_route.xc7_bitstream import check_bitstream
from hw_flows.place_route.xray import Database
from hw_flows.stitch.write import write_top
from hw_flows.synthesize import link_operators, synthesize_operators
from tests.hw_flows.shells.loopback import loopback

XC7 = find_family("xc7")

BOARD = load_board("pynq-z2")
FLOW = find_flow("open", BOARD)


def test_without_the_packages_it_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("QU_CACHE", str(tmp_path))
    tools, loader = FLOW.needs()
    assert not tools.ok and not tools.optional and debian_tools.COMMAND in tools.fix
    assert loader.optional


def test_the_open_flow_has_the_whole_board():
    assert usable_board(BOARD, "open") == usable_board(BOARD, "vivado") == BOARD


def routed(violations: int) -> RoutedDesign:
    return RoutedDesign(Path("design.fasm"), Path("routed.json"), 120.0, violations, -0.1 * violations, {}, 0, "0.11")


def test_a_placement_with_too_short_paths_is_tried_again(monkeypatch):
    seeds: list[int] = []
    shell = SimpleNamespace(constraints=Path("top.xdc"), clock_mhz=100.0)

    def place(*_, seed: int) -> RoutedDesign:
        seeds.append(seed)
        return routed(2 if seed < good else 0)

    monkeypatch.setattr(nextpnr_xilinx, "place_and_route", place)
    good = 2
    found = open_xc7.without_hold_violations(Path("n.json"), shell, BOARD.part, Path("work"), None)
    assert found.hold_violations == 0 and seeds == [1, 2]
    good = 99
    with pytest.raises(CheckFailed, match="2 paths .* by 0.2 ns"):
        open_xc7.without_hold_violations(Path("n.json"), shell, BOARD.part, Path("work"), None)


def fifo_chain(rtl, count: int) -> Accelerator:
    """FIFOs behind each other, each nine shift registers with a write enable of its own, the last one in block memory."""
    one = loopback(rtl, (1, 5, 5, 1), bits=9)
    (fifo,), (source, sink) = one.instances, one.streams
    names = ["in0", *(f"between{i}" for i in range(1, count)), "out0"]
    ends = [Endpoint("", 0), *(Endpoint(f"fifo_{i}", 0) for i in range(count)), Endpoint("", 0)]
    streams = tuple(
        Stream(name, name, source.shape, source.element, 1, ends[i], ends[i + 1]) for i, name in enumerate(names)
    )
    instances = tuple(
        replace(
            fifo,
            name=f"fifo_{i}",
            inputs=(StreamPort("s_axis", (names[i],)),),
            outputs=(StreamPort("m_axis", (names[i + 1],)),),
        )
        for i in range(count)
    )
    assert sink.name == "out0"
    deep = {**fifo.parameters, "DEPTH": 4096, "STYLE": 2, "SCATTERED": 1}  # 9 bits wide in one RAMB36E1
    instances = (*instances[:-1], replace(instances[-1], parameters=deep))
    chain = replace(one, instances=instances, streams=streams)
    write_top(chain, rtl)
    return chain


@pytest.mark.skipif(debian_tools.find_tools() is None, reason=f"needs {debian_tools.COMMAND}")
def test_shift_registers_of_several_fifos_become_a_bitstream(tmp_path):
    rtl = tmp_path / "rtl"
    accelerator = fifo_chain(rtl, 6)
    operators = synthesize_operators(accelerator, rtl, XC7, logs=tmp_path / "logs")
    link_operators(
        accelerator,
        operators,
        rtl,
        XC7,
        destination=tmp_path / "synthesis" / "quantunet_accel.json",
        log=tmp_path / "logs" / "link.log",
    )
    made = FLOW.make_bitstream(BitstreamJob(accelerator, BOARD, tmp_path, 100.0, 1, lambda *_: None))
    assert [file.suffix for file in made.files] == [".bit", ".bin"]
    assert made.timing_met and made.clock_mhz == 100.0 and made.experimental
    assert made.notes["shift_registers"] == 45
    fasm = (tmp_path / "place_route" / "design.fasm").read_text()
    assert fasm.count("RAMB36.BRAM36_READ_WIDTH_B_1") == fasm.count("RAMB36.BRAM36_WRITE_WIDTH_A_1") == 1
    assert json.loads((tmp_path / "place_route" / "nextpnr_report.json").read_text())["fmax"]

    # and its bits alone are the netlist again
    assert any("lifted back to a netlist" in check for check in made.checks)
    tools = debian_tools.require_tools()
    cells = lift_bitstream(made.files[0], BOARD.part, tools, tmp_path / "logs").netlist.count()
    assert (cells["SRLC32E"], cells["RAMB36E1"], cells["RAMB18E1"], cells["PS7"]) == (45, 2, 1, 1)
    verilog = (tmp_path / "place_route" / "lifted.v").read_text()
    assert "module qu_zynq7_top" in verilog and verilog.count("SRLC32E") == 45

    # one bit more in the frames is noticed in the finished file
    database = Database(tools.xray_database("zynq7"), BOARD.part)
    wrong = [Feature("CLBLM_L_X8Y10", "SLICEL_X1.ALUT.INIT", 5)]
    assert assemble(wrong, database)
    with pytest.raises(CheckFailed, match="1 features are missing"):
        check_bitstream(made.files[0], wrong, database, tools, tmp_path / "logs")
