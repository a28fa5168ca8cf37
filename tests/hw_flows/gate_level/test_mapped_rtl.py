# SPDX-License-Identifier: BSD-3-Clause
"""Block memories and multipliers as Yosys maps them, against the RTL they stand for: contents, words of every width,
ports, what a port reads while it writes. This holds models and Yosys' use of the cells together.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Stream, StreamPort
from hw_flows.families import find_family
from hw_flows.families.family import Family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from hw_flows.machine.yosys import run_yosys
from hw_flows.simulate import compile_simulator, run
from hw_flows.stitch import write_top
from hw_flows.synthesize.yosys import mapping

#: In the RTL `ram` reads its old word while it is written; a dual one has its read port beside the write port.
SOURCE = """
module rom #(parameter int unsigned WIDTH = 8, parameter int unsigned DEPTH = 512, parameter CONTENT = "") (
    input wire clk_i, input wire [15:0] address_i, output logic [WIDTH-1:0] data_o);
  localparam int unsigned ADDRESS = $clog2(DEPTH);
  (* rom_style = "block" *) logic [WIDTH-1:0] words [DEPTH];
  initial $readmemh(CONTENT, words);
  initial data_o = '0;
  always_ff @(posedge clk_i) data_o <= words[address_i[ADDRESS-1:0]];
endmodule

module ram #(parameter int unsigned WIDTH = 8, parameter int unsigned DEPTH = 512, parameter bit DUAL = 1'b1,
    parameter CONTENT = "") (
    input wire clk_i, input wire write_i, input wire read_i, input wire [15:0] write_address_i, read_address_i,
    input wire [WIDTH-1:0] data_i, output logic [WIDTH-1:0] data_o);
  localparam int unsigned ADDRESS = $clog2(DEPTH);
  (* ram_style = "block" *) logic [WIDTH-1:0] words [DEPTH];
  wire [ADDRESS-1:0] at = write_address_i[ADDRESS-1:0];
  wire [ADDRESS-1:0] from = DUAL ? read_address_i[ADDRESS-1:0] : at;
  initial $readmemh(CONTENT, words);
  initial data_o = '0;
  always_ff @(posedge clk_i) begin
    if (write_i) words[at] <= data_i;
    if (read_i) data_o <= words[from];
  end
endmodule

module product #(parameter int unsigned A = 8, parameter int unsigned B = 8, parameter bit SIGNED = 1'b1,
    parameter bit ACCUMULATE = 1'b0) (
    input wire clk_i, input wire clear_i, input wire [15:0] a_i, b_i, output logic [47:0] data_o);
  wire signed [A:0] a = {SIGNED & a_i[A-1], a_i[A-1:0]};
  wire signed [B:0] b = {SIGNED & b_i[B-1], b_i[B-1:0]};
  logic signed [A:0] a_q = '0;
  logic signed [B:0] b_q = '0;
  logic signed [47:0] sum = '0;
  logic signed [47:0] product = '0;
  assign data_o = ACCUMULATE ? sum : product;
  always_ff @(posedge clk_i) begin
    a_q <= a;
    b_q <= b;
    product <= a_q * b_q;
    sum <= clear_i ? '0 : sum + product;
  end
endmodule
"""


#: Width and depth.
MEMORIES = ((1, 16384), (1, 65536), (2, 8192), (4, 4096), (9, 2048), (18, 1024), (36, 512), (72, 512))


def instances() -> list[tuple[str, str, int]]:
    """(module with parameters, connections but clock and data_o, bits of data_o); `x` are the inputs."""
    listed = []
    for width, depth in MEMORIES:
        shape = f'.WIDTH({width}), .DEPTH({depth}), .CONTENT("{width}x{depth}.mem")'
        listed.append((f"rom #({shape})", ".address_i(x[15:0])", width))
        connections = (
            ".write_i(x[16]), .read_i(x[17]), .write_address_i(x[15:0] & 16'h8421), .read_address_i(x[33:18] & 16'h8421), "
            f".data_i(x[{34 + width - 1}:34])"
        )
        listed.append((f"ram #({shape})", connections, width))
        listed.append((f"ram #({shape}, .DUAL(1'b0))", connections, width))
    for a, b in ((8, 8), (4, 7), (16, 16)):
        for signed in (0, 1):
            for accumulate in (0, 1):
                module = f"product #(.A({a}), .B({b}), .SIGNED(1'd{signed}), .ACCUMULATE(1'd{accumulate}))"
                listed.append((module, ".clear_i(x[0] & x[40] & x[41]), .a_i(x[16:1]), .b_i(x[32:17])", 48))
    return listed


INPUTS, CYCLES = 128, 400
#: What each family is to use for it.
CELLS = {
    "xc7": {"RAMB18E1", "RAMB36E1", "DSP48E1"},
    "xcup": {"RAMB18E2", "RAMB36E2", "DSP48E2"},
    "ecp5": {"DP16KD", "MULT18X18D"},
}


def top(chosen: list[tuple[str, str, int]]) -> tuple[str, int]:
    lines, at = [], 0
    for k, (module, connections, width) in enumerate(chosen):
        lines.append(f"  {module} u{k} (.clk_i(clock), {connections}, .data_o(y[{at} +: {width}]));")
        at += width
    return "\n".join(lines), at


@pytest.mark.parametrize("family", [find_family(name) for name in CELLS], ids=lambda family: family.name)
def test_mapped_block_memories_and_multipliers_do_what_the_rtl_does(family: Family, tmp_path):
    body, outputs = top(instances())
    rtl = tmp_path / "rtl"
    rtl.mkdir()
    mapped = (
        f"module mapped (input wire clk_i, input wire [{INPUTS - 1}:0] x, output wire [{outputs - 1}:0] y);\n"
        f"  wire clock = clk_i;\n{body}\nendmodule\n"
    )
    (rtl / "mapped.sv").write_text(SOURCE + mapped, encoding="utf-8")
    contents = np.random.default_rng(5)
    for width, depth in MEMORIES:
        words = [int("".join(map(str, row)), 2) for row in contents.integers(0, 2, (depth, width))]
        (rtl / f"{width}x{depth}.mem").write_text("\n".join(f"{word:x}" for word in words))
    netlist = synthesize(rtl, family)
    used = set(netlist.count())
    assert used >= CELLS[family.name]

    stimulus = np.random.default_rng(3).integers(0, 2, (CYCLES, LANES, INPUTS)).astype(np.uint8)
    ours = NetlistSimulator(netlist, family).trace({"x": stimulus})["y"]
    accelerator = around(outputs)
    (rtl / "reference.sv").write_text(SOURCE + reference(body, outputs), encoding="utf-8")
    write_top(accelerator, rtl)
    simulator = compile_simulator(accelerator, rtl, jobs=1, log=tmp_path / "log")
    for lane in range(LANES):
        tensors = {"into": stimulus[None, :, lane].astype(np.int32), "out": ours[None, :, lane].astype(np.int32)}
        result = run(simulator, tensors)
        assert result.finished
        if result.mismatches:
            raise AssertionError(f"{owner(result.mismatches[0].index[1])}: {result.mismatches[0]}")


def synthesize(rtl: Path, family: Family) -> Netlist:
    script = (
        f"read_slang --threads 1 --top mapped mapped.sv\n{mapping(family)}"
        "setundef -params -zero\nselect mapped\nwrite_json -selected mapped.json\n"
    )
    run_yosys(script, rtl, log=rtl / "yosys.log", limit_seconds=300)
    return Netlist(json.loads((rtl / "mapped.json").read_text()), "mapped.json")


def reference(body: str, outputs: int) -> str:
    return f"""
module reference (
    input wire clk_i, input wire rst_i,
    input wire [{INPUTS - 1}:0] s_axis_tdata, input wire s_axis_tvalid, output wire s_axis_tready,
    output wire [{outputs - 1}:0] m_axis_tdata, output wire m_axis_tvalid, input wire m_axis_tready);
  assign s_axis_tready = m_axis_tready;
  assign m_axis_tvalid = s_axis_tvalid;
  wire clock = clk_i & s_axis_tvalid & ~rst_i;
  wire [{INPUTS - 1}:0] x = s_axis_tdata;
  wire [{outputs - 1}:0] y;
  assign m_axis_tdata = y;
{body}
endmodule
"""


def around(outputs: int) -> Accelerator:
    bit, outside, inside = Element(1, False), Endpoint("", 0), Endpoint("reference", 0)
    into = Stream("into", "into", (CYCLES, INPUTS), bit, INPUTS, outside, inside)
    out = Stream("out", "out", (CYCLES, outputs), bit, outputs, inside, outside)
    instance = Instance(
        "reference",
        "Reference",
        "reference",
        {},
        (),
        ("reference.sv",),
        (StreamPort("s_axis", ("into",)),),
        (StreamPort("m_axis", ("out",)),),
        "",
        1,
        0,
        0,
        {},
    )
    return Accelerator("bench", (instance,), (into, out), ("into",), ("out",), ("reference.sv", "bench.sv"))


def owner(bit: int) -> str:
    for module, _, width in instances():
        if bit < width:
            return f"{module}, bit {bit}"
        bit -= width
    raise AssertionError(bit)
