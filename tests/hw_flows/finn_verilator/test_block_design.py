# SPDX-License-Identifier: BSD-3-Clause
"""The stand-in for `vivado` by its script, without FINN."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hw_flows.finn_verilator.block_design import ERROR_FILE, BlockDesign, main
from hw_flows.machine.errors import UserError

MODULES = """
module stage #(parameter BITS = 8) (
  input ap_clk, input [BITS-1:0] in0_V_TDATA, input in0_V_TVALID, output in0_V_TREADY,
  output [BITS-1:0] out0_V_tdata, output out0_V_tvalid, input out0_V_tready, input idle, output seen
);
  assign out0_V_tdata = in0_V_TDATA, out0_V_tvalid = in0_V_TVALID, in0_V_TREADY = out0_V_tready, seen = idle & ap_clk;
endmodule
"""
TWO_STAGES = """
create_bd_cell -type hier first
create_bd_pin -dir I -type clk /first/ap_clk
create_bd_intf_pin -mode Slave -vlnv xilinx.com:interface:axis_rtl:1.0 /first/in0_V
create_bd_cell -type hier -reference stage /first/inner
create_bd_cell -type module -reference stage second
set_property -dict [list CONFIG.BITS {12} ] [get_bd_cells /first/inner]
set_property CONFIG.BITS 12 [get_bd_cells second]
connect_bd_net [get_bd_pins first/ap_clk] [get_bd_pins first/inner/ap_clk]
connect_bd_intf_net [get_bd_intf_pins first/in0_V] [get_bd_intf_pins first/inner/in0_V]
make_bd_pins_external [get_bd_pins first/ap_clk]
set_property name ap_clk [get_bd_ports ap_clk_0]
connect_bd_net [get_bd_ports ap_clk] [get_bd_pins second/ap_clk]
connect_bd_intf_net [get_bd_intf_pins first/inner/out0_V] [get_bd_intf_pins second/in0_V]
make_bd_intf_pins_external [get_bd_intf_pins first/in0_V]
set_property name s_axis_0 [get_bd_intf_ports in0_V_0]
make_bd_intf_pins_external [get_bd_intf_pins second/out0_V]
"""


@pytest.fixture
def design(tmp_path: Path) -> BlockDesign:
    source = tmp_path / "stage.v"
    source.write_text(MODULES, encoding="utf-8")
    built = BlockDesign()
    for line in [f"add_files -norecurse {source}", *TWO_STAGES.splitlines()]:
        built.command(line)
    return built


def test_hierarchies_nets_and_interfaces_become_one_module(design: BlockDesign) -> None:
    text = design.verilog("top")
    assert "input wire [11:0] s_axis_0_tdata" in text
    assert "output wire [11:0] out0_V_0_tdata" in text
    cells = dict(re.findall(r"stage #\(\.BITS\(12\)\) \\(\S+) \((.*?)\n  \);", text, re.DOTALL))
    assert set(cells) == {"first/inner", "second"}
    between = re.search(r"\.out0_V_tdata\((net\d+)\)", cells["first/inner"])
    assert between is not None and f".in0_V_TDATA({between[1]})" in cells["second"]
    assert all(".ap_clk(ap_clk)" in cell and ".idle(1'd0)" in cell for cell in cells.values())


def test_two_drivers_of_a_net_are_refused(design: BlockDesign) -> None:
    design.command("connect_bd_net [get_bd_pins first/inner/seen] [get_bd_pins second/seen]")
    with pytest.raises(UserError, match="drive the same net"):
        design.verilog("top")


def test_a_pin_that_is_not_there_is_named(design: BlockDesign) -> None:
    design.command("connect_bd_net [get_bd_ports ap_clk] [get_bd_pins second/no_pin]")
    with pytest.raises(UserError, match="stage has no port no_pin"):
        design.verilog("top")


@pytest.mark.parametrize(
    "line", ["create_bd_cell -type ip -vlnv xilinx.com:ip:axis_broadcaster:1.1 a", "launch_runs synth_1 -jobs 4"]
)
def test_what_takes_vivado_is_said(design: BlockDesign, line: str) -> None:
    with pytest.raises(UserError, match="needs Vivado"):
        design.command(line)


def test_other_scripts_end_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "synth.tcl"
    script.write_text("synth_design -top x\n", encoding="utf-8")
    assert main(["-mode", "batch", "-source", str(script)]) == 1
    assert "only FINN's scripts" in (tmp_path / ERROR_FILE).read_text(encoding="utf-8")
    assert main(["-version"]) == 1
    assert "only FINN's scripts for stitched designs" in capsys.readouterr().err
