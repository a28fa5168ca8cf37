# SPDX-License-Identifier: BSD-3-Clause
"""Behaviour in Verilog of the ECP5 cells that Yosys only declares.

The behaviour is that of FPGA-TN-02204 (memories) and FPGA-TN-02205 (multipliers) for what Yosys uses: block memories
without output register, multipliers without registers. A configuration outside of that ends the simulation.
"""

from __future__ import annotations


def _bus(name: str, bits: int) -> str:
    return "{" + ", ".join(f"{name}{i}" for i in reversed(range(bits))) + "}"


# The memory is 2048 bytes of 9 bits. Addresses count bits, without the ninth of each byte: ports of 1, 2 and 4 bits do not
# reach it. The lowest address bits of ports of 18 and 36 bits enable its bytes.
_PORT = """
  wire [17:0] di{p} = {di};
  wire [13:0] ad{p} = {ad};
  reg [35:0] q{p} = 0;
  wire [3:0] be{p} = DATA_WIDTH_{P} == 36 ? ad{p}[3:0] : DATA_WIDTH_{P} == 18 ? {{2'b00, ad{p}[1:0]}} : 4'b0001;
  wire [14:0] at{p} = DATA_WIDTH_{P} == 36 ? ad{p}[13:5] * 36 : DATA_WIDTH_{P} == 18 ? ad{p}[13:4] * 18
      : DATA_WIDTH_{P} == 9 ? ad{p}[13:3] * 9 : ad{p}[13:3] * 9 + (ad{p}[2:0] & ~(DATA_WIDTH_{P} - 1));
  wire go{p} = CE{P} && !CS{P}0 && !CS{P}1 && !CS{P}2;
  wire write{p} = go{p} && WE{P} && !RST{P};
"""
_ACT = """
  always @(posedge CLK{P}) begin
    if (RST{P}) q{p} <= 0;
    else if (go{p} && !(WE{P} && WRITEMODE_{P} == "NORMAL"))
      for (i{p} = 0; i{p} < DATA_WIDTH_{P}; i{p} = i{p} + 1)
        q{p}[i{p}] <= WE{P} && WRITEMODE_{P} == "WRITETHROUGH" && be{p}[i{p} / 9] ? word{p}[i{p}] : memory[at{p} + i{p}];
    if (write{p})
      for (i{p} = 0; i{p} < DATA_WIDTH_{P}; i{p} = i{p} + 1)
        if (be{p}[i{p} / 9]) memory[at{p} + i{p}] <= word{p}[i{p}];
  end
"""

DP16KD = f"""
  reg [18431:0] memory;
  integer ia, ib, row;
{_PORT.format(p="a", P="A", di=_bus("DIA", 18), ad=_bus("ADA", 14))}
{_PORT.format(p="b", P="B", di=_bus("DIB", 18), ad=_bus("ADB", 14))}
  wire [35:0] worda = {{dib, dia}};  // the widest word comes in on both ports
  wire [35:0] wordb = {{18'd0, dib}};
  wire [20479:0] init = {{{", ".join(f"INITVAL_{i:02X}" for i in reversed(range(64)))}}};
  initial begin
    for (row = 0; row < 1024; row = row + 1) memory[row * 18 +: 18] = init[row * 20 +: 18];
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB" || WEAMUX != "WEA"
        || WEBMUX != "WEB" || CEAMUX != "CEA" || CEBMUX != "CEB" || CSDECODE_A != "0b000" || CSDECODE_B != "0b000")
      begin
        $display("%m: block memory configuration without a model");
        $finish;
      end
  end
{_ACT.format(p="a", P="A")}
{_ACT.format(p="b", P="B")}
  assign {_bus("DOB", 18)} = DATA_WIDTH_B == 36 ? qb[35:18] : qb[17:0];
  assign {_bus("DOA", 18)} = DATA_WIDTH_B == 36 ? qb[17:0] : qa[17:0];
"""

MULT18X18D = f"""
  wire [17:0] a = {_bus("A", 18)}, b = {_bus("B", 18)};
  wire signed [18:0] wide_a = {{SIGNEDA && a[17], a}}, wide_b = {{SIGNEDB && b[17], b}};
  wire signed [37:0] product = wide_a * wide_b;
  assign {_bus("P", 36)} = product[35:0];
  initial
    if (REG_INPUTA_CLK != "NONE" || REG_INPUTB_CLK != "NONE" || REG_PIPELINE_CLK != "NONE" || REG_OUTPUT_CLK != "NONE")
      begin
        $display("%m: multiplier configuration without a model");
        $finish;
      end
"""

#: The same function as Yosys' chain of multiplexers; the simulator compiles in half the time.
LUT4 = """module LUT4(input A, B, C, D, output Z);
  parameter [15:0] INIT = 16'h0000;
  localparam [15:0] TABLE = INIT;
  assign Z = TABLE[{D, C, B, A}];
endmodule
"""

EHXPLLL = """
  assign CLKOP = CLKI;  // whatever the dividers
  assign LOCK = 1'b1;
"""
