# SPDX-License-Identifier: BSD-3-Clause
"""How Yosys maps to UltraScale+ devices: its `synth_xilinx`, with a step of its own for multipliers.

For this family Yosys makes a bare multiplier of every product: its pass that moves registers, pre-adder and adder into a
DSP slice knows the DSP48E1 and not the DSP48E2. So products are mapped as on 7-series, and every DSP48E1 becomes the DSP48E2 that
does the same: an operand sign-extended from 25 to 27 bits, W left out of the sum.
"""

from __future__ import annotations

COMMAND = "synth_xilinx -family xcup"
#: `-run` leaves out the step `begin`: it would keep only one top module. The elaborated modules are flat already.
_OPTIONS = "-noiopad -noclkbuf"

# A pre-adder gives 25 bits there and 27 here. The multiplier sees the same where the sum fits 25, as Yosys takes no wider one.
# Outputs that are not here (cascades of A and B, the pattern detector) have no driver then, which ends the synthesis.
_DSP48E1 = """\
module DSP48E1 (
    output [47:0] P, PCOUT,
    input [29:0] A, input [17:0] B, input [47:0] C, input [24:0] D, input [47:0] PCIN,
    input [29:0] ACIN, input [17:0] BCIN, input [3:0] ALUMODE, input [2:0] CARRYINSEL, input [4:0] INMODE, input [6:0] OPMODE,
    input CARRYIN, CARRYCASCIN, MULTSIGNIN, CLK,
    input CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED, CEINMODE, CEM, CEP,
    input RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP
);
  parameter integer ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1, CARRYINREG = 1;
  parameter integer CARRYINSELREG = 1, CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1, PREG = 1;
  parameter A_INPUT = "DIRECT", B_INPUT = "DIRECT", USE_DPORT = "FALSE", USE_MULT = "MULTIPLY", USE_SIMD = "ONE48";
  parameter USE_PATTERN_DETECT = "NO_PATDET";
  DSP48E2 #(
      .ACASCREG(ACASCREG), .ADREG(ADREG), .ALUMODEREG(ALUMODEREG), .AREG(AREG), .BCASCREG(BCASCREG), .BREG(BREG),
      .CARRYINREG(CARRYINREG), .CARRYINSELREG(CARRYINSELREG), .CREG(CREG), .DREG(DREG), .INMODEREG(INMODEREG), .MREG(MREG),
      .OPMODEREG(OPMODEREG), .PREG(PREG), .A_INPUT(A_INPUT), .B_INPUT(B_INPUT), .USE_MULT(USE_MULT), .USE_SIMD(USE_SIMD),
      .USE_PATTERN_DETECT(USE_PATTERN_DETECT), .AMULTSEL(USE_DPORT == "TRUE" ? "AD" : "A"), .BMULTSEL("B"), .PREADDINSEL("A")
  ) _TECHMAP_REPLACE_ (
      .P(P), .PCOUT(PCOUT), .A({{5{A[24]}}, A[24:0]}), .B(B), .C(C), .D({{2{D[24]}}, D}), .PCIN(PCIN),
      .ACIN(ACIN), .BCIN(BCIN), .ALUMODE(ALUMODE), .CARRYINSEL(CARRYINSEL), .INMODE(INMODE), .OPMODE({2'b00, OPMODE}),
      .CARRYIN(CARRYIN), .CARRYCASCIN(CARRYCASCIN), .MULTSIGNIN(MULTSIGNIN), .CLK(CLK),
      .CEA1(CEA1), .CEA2(CEA2), .CEAD(CEAD), .CEALUMODE(CEALUMODE), .CEB1(CEB1), .CEB2(CEB2), .CEC(CEC),
      .CECARRYIN(CECARRYIN), .CECTRL(CECTRL), .CED(CED), .CEINMODE(CEINMODE), .CEM(CEM), .CEP(CEP),
      .RSTA(RSTA), .RSTALLCARRYIN(RSTALLCARRYIN), .RSTALUMODE(RSTALUMODE), .RSTB(RSTB), .RSTC(RSTC), .RSTCTRL(RSTCTRL),
      .RSTD(RSTD), .RSTINMODE(RSTINMODE), .RSTM(RSTM), .RSTP(RSTP)
  );
endmodule
"""

OPTIONS = f"""\
{_OPTIONS} -run prepare:map_dsp
synth_xilinx -family xc7 {_OPTIONS} -run map_dsp:coarse
design -push
read_verilog <<EOT
{_DSP48E1}EOT
design -stash dsp48e2
design -pop
techmap -map %dsp48e2
{COMMAND} {_OPTIONS} -run coarse:"""
