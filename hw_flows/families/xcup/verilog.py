# SPDX-License-Identifier: BSD-3-Clause
"""Behaviour in Verilog of the UltraScale+ cells that Yosys only declares (UG573, UG579), for what Yosys uses.

A configuration outside of that ends the simulation.
"""

from __future__ import annotations

from hw_flows.families.amd.verilog import ALONE, block_memory


def _pins(port: int) -> str:
    return f"""
  localparam SDP = READ_WIDTH_A == {port * 9 // 4} || WRITE_WIDTH_B == {port * 9 // 4};
  wire [{port - 1}:0] DIADI = DINADIN, DIBDI = DINBDIN, DOADO, DOBDO;
  wire [{port // 8 - 1}:0] DIPADIP = DINPADINP, DIPBDIP = DINPBDINP, DOPADOP, DOPBDOP;
  assign DOUTADOUT = DOADO;
  assign DOUTBDOUT = DOBDO;
  assign DOUTPADOUTP = DOPADOP;
  assign DOUTPBDOUTP = DOPBDOP;
"""


RAMB18E2 = block_memory(16, 64, _pins(16) + ALONE)
RAMB36E2 = block_memory(32, 128, _pins(32) + ALONE)

DSP48E2 = """
  reg signed [29:0] a1 = 0, a2 = 0;
  reg signed [17:0] b1 = 0, b2 = 0;
  reg [47:0] c1 = 0, p1 = 0;
  reg signed [26:0] d1 = 0, ad1 = 0;
  reg signed [44:0] m1 = 0;

  wire signed [29:0] a_last = AREG == 0 ? A : a2;
  wire signed [17:0] b_last = BREG == 0 ? B : b2;
  wire [47:0] c = CREG == 0 ? C : c1;
  wire signed [26:0] d = DREG == 0 ? D : d1;

  // pre-adder and multiplier
  wire signed [26:0] a = INMODE[1] ? 27'd0 : INMODE[0] ? a1[26:0] : a_last[26:0];
  wire signed [26:0] d_gated = INMODE[2] ? d : 27'd0;
  wire signed [26:0] pre_sum = INMODE[3] ? d_gated - a : d_gated + a;
  wire signed [26:0] left = AMULTSEL == "A" ? a : ADREG == 0 ? pre_sum : ad1;
  wire signed [17:0] right = INMODE[4] ? b1 : b_last;
  wire signed [44:0] product = left * right;
  wire signed [44:0] m = MREG == 0 ? product : m1;

  // The adder. The multiplier's two partial products go to X and Y: here X has their sum.
  reg [47:0] w, x, y, z;
  always @(*) begin
    case (OPMODE[8:7])
      2'd0: w = 48'd0;
      2'd1: w = p1;
      2'd2: w = RND;
      2'd3: w = c;
    endcase
    case (OPMODE[1:0])
      2'd0: x = 48'd0;
      2'd1: x = {{3{m[44]}}, m};
      2'd2: x = p1;
      2'd3: x = {a_last, b_last};
    endcase
    case (OPMODE[3:2])
      2'd2: y = {48{1'b1}};
      2'd3: y = c;
      default: y = 48'd0;
    endcase
    case (OPMODE[6:4])
      3'd0: z = 48'd0;
      3'd1: z = PCIN;
      3'd2, 3'd4: z = p1;
      3'd3: z = c;
      3'd5: z = {{17{PCIN[47]}}, PCIN[47:17]};
      default: z = {{17{p1[47]}}, p1[47:17]};
    endcase
  end
  wire [47:0] total = (z ^ {48{ALUMODE[0]}}) + w + x + y + {47'd0, CARRYIN};
  wire [47:0] result = total ^ {48{ALUMODE[1]}};
  assign P = PREG == 0 ? result : p1;
  assign PCOUT = P;

  always @(posedge CLK) begin
    if (RSTA) a1 <= 0; else if (CEA1 && AREG != 0) a1 <= A;
    if (RSTA) a2 <= 0; else if (CEA2 && AREG != 0) a2 <= AREG == 2 ? a1 : A;
    if (RSTB) b1 <= 0; else if (CEB1 && BREG != 0) b1 <= B;
    if (RSTB) b2 <= 0; else if (CEB2 && BREG != 0) b2 <= BREG == 2 ? b1 : B;
    if (RSTC) c1 <= 0; else if (CEC) c1 <= C;
    if (RSTD) d1 <= 0; else if (CED) d1 <= D;
    if (RSTD) ad1 <= 0; else if (CEAD) ad1 <= pre_sum;
    if (RSTM) m1 <= 0; else if (CEM) m1 <= product;
    if (RSTP) p1 <= 0; else if (CEP && PREG != 0) p1 <= result;
  end

  initial
    if (A_INPUT != "DIRECT" || B_INPUT != "DIRECT" || BMULTSEL != "B" || PREADDINSEL != "A" || USE_SIMD != "ONE48"
        || USE_MULT != "MULTIPLY" || USE_PATTERN_DETECT != "NO_PATDET" || USE_WIDEXOR != "FALSE" || ALUMODEREG != 0
        || CARRYINREG != 0 || CARRYINSELREG != 0 || INMODEREG != 0 || OPMODEREG != 0 || IS_CLK_INVERTED
        || IS_ALUMODE_INVERTED != 0 || IS_CARRYIN_INVERTED || IS_INMODE_INVERTED != 0 || IS_OPMODE_INVERTED != 0) begin
      $display("%m: DSP48E2 configuration without a model");
      $finish;
    end
"""
