// SPDX-License-Identifier: BSD-3-Clause
// Some of each kind of cell, between the GPIO pins of the processing system.
module memory #(
    parameter W = 9,
    D = 4096
) (
    input clk,
    input we,
    input [$clog2(D)-1:0] wa,
    ra,
    input [W-1:0] d,
    output reg [W-1:0] q
);
  reg [W-1:0] m[0:D-1];
  integer i;
  initial for (i = 0; i < D; i = i + 1) m[i] = (i * 32'd2654435761) >> 7;
  always @(posedge clk) begin
    if (we) m[wa] <= d;
    q <= m[ra];
  end
endmodule

module top;
  wire [63:0] gi, go;
  wire [3:0] fclk;
  wire clk;
  BUFG buffer (.I(fclk[0]), .O(clk));
  PS7 ps7 (.FCLKCLK(fclk), .EMIOGPIOO(go), .EMIOGPIOI(gi));

  // shift registers and memories of LUTs
  SRL16E s0 (.CLK(clk), .CE(go[1]), .D(go[2]), .A0(go[3]), .A1(go[4]), .A2(go[5]), .A3(go[6]), .Q(gi[0]));
  SRLC32E s1 (.CLK(clk), .CE(go[1]), .D(go[7]), .A(go[12:8]), .Q(gi[1]));
  RAM32M m0 (.WCLK(clk), .WE(go[0]), .DIA(go[15:14]), .DIB(go[17:16]), .DIC(go[19:18]), .DID(go[21:20]), .ADDRA(go[26:22]),
             .ADDRB(go[31:27]), .ADDRC(go[36:32]), .ADDRD(go[41:37]), .DOA(gi[3:2]), .DOB(gi[5:4]), .DOC(gi[7:6]), .DOD(gi[9:8]));
  RAM64M #(.INIT_C(64'hFFFF_0000_FFFF_0F0F)) m1 (.WCLK(clk), .WE(go[0]), .DIA(go[14]), .DIB(go[16]), .DIC(go[18]), .DID(go[20]),
             .ADDRA(go[27:22]), .ADDRB(go[33:28]), .ADDRC(go[39:34]), .ADDRD(go[45:40]), .DOA(gi[10]), .DOB(gi[11]), .DOC(gi[12]),
             .DOD(gi[13]));
  RAM64X1D #(.INIT(64'hA5A5_1234_0000_FFFF)) m2 (.WCLK(clk), .WE(go[46]), .D(go[47]), .A0(go[22]), .A1(go[23]), .A2(go[24]),
             .A3(go[25]), .A4(go[26]), .A5(go[27]), .DPRA0(go[48]), .DPRA1(go[49]), .DPRA2(go[50]), .DPRA3(go[51]),
             .DPRA4(go[52]), .DPRA5(go[53]), .SPO(gi[14]), .DPO(gi[15]));
  RAM32X1D #(.INIT(32'hCAFE1234)) m3 (.WCLK(clk), .WE(go[46]), .D(go[47]), .A0(go[22]), .A1(go[23]), .A2(go[24]), .A3(go[25]),
             .A4(go[26]), .DPRA0(go[48]), .DPRA1(go[49]), .DPRA2(go[50]), .DPRA3(go[51]), .DPRA4(go[52]), .SPO(gi[16]),
             .DPO(gi[17]));
  RAM128X1D #(.INIT(128'h0123_4567_89AB_CDEF_FEDC_BA98_7654_3210)) m4 (.WCLK(clk), .WE(go[46]), .D(go[47]), .A(go[28:22]),
             .DPRA(go[54:48]), .SPO(gi[18]), .DPO(gi[19]));

  // flip-flops with all settings
  FDSE #(.INIT(0)) f0 (.C(clk), .CE(go[61]), .S(go[62]), .D(go[63]), .Q(gi[20]));
  FDRE #(.INIT(1)) f1 (.C(clk), .CE(1'b1), .R(1'b0), .D(go[63]), .Q(gi[21]));
  FDCE #(.INIT(1)) f2 (.C(clk), .CE(go[61]), .CLR(1'b0), .D(go[63]), .Q(gi[22]));
  FDPE #(.INIT(0)) f3 (.C(clk), .CE(go[61]), .PRE(1'b0), .D(go[63]), .Q(gi[23]));

  // wide logic, carry chains
  reg [3:0] select = 0;
  always @(posedge clk) select <= go[59:56] + select;
  wire [15:0] w = go[55:40];
  wire low, high, f8;
  MUXF7 m7a (.I0(^go[6:1]), .I1(&go[12:9] | go[8]), .S(go[57]), .O(low));
  MUXF7 m7b (.I0(go[13] ^ go[16] & go[17]), .I1(^go[24:19]), .S(go[57]), .O(high));
  MUXF8 m8 (.I0(low), .I1(high), .S(go[58]), .O(f8));
  assign gi[24] = w[select] ^ f8;
  reg [9:0] s = 5;
  always @(posedge clk) s <= (go[9:0] ^ {10{go[60]}}) + (go[19:10] & go[29:20]) + go[61];
  assign gi[34:25] = s;
  assign gi[35] = go[15:0] < go[31:16];

  // block memories: one of 36 kbit with ports of 9 bits, one of 18 kbit
  memory #(9, 4096) b0 (clk, go[30], go[11:0], go[26:15], go[40:32], gi[44:36]);
  memory #(4, 4096) b1 (clk, go[31], go[11:0], go[26:15], go[44:41], gi[48:45]);

  // a multiplier, and two that are added through the cascade
  reg signed [15:0] p;
  always @(posedge clk) p <= $signed(go[7:0]) * $signed(go[15:8]);
  wire [47:0] cascade, sum, unused;
  DSP48E1 #(.ADREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0), .DREG(0), .INMODEREG(0), .OPMODEREG(0), .MREG(1), .PREG(1)) d0 (
      .CLK(clk), .A({{18{go[27]}}, go[27:16]}), .B({{8{go[37]}}, go[37:28]}), .C(48'd0), .D(25'd0), .INMODE(5'd0), .OPMODE(7'b0000101), .ALUMODE(4'd0), .CARRYIN(1'b0),
      .CARRYINSEL(3'd0), .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b0), .CED(1'b0), .CEAD(1'b0), .CEM(1'b1),
      .CEP(go[61]), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0),
      .RSTD(1'b0), .RSTM(1'b0), .RSTP(go[62]), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
      .PCIN(48'd0), .PCOUT(cascade), .P(unused));
  DSP48E1 #(.ADREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0), .DREG(0), .INMODEREG(0), .OPMODEREG(0), .MREG(1), .PREG(1)) d1 (
      .CLK(clk), .A({{18{go[49]}}, go[49:38]}), .B({{8{go[59]}}, go[59:50]}), .C(48'd0), .D(25'd0), .INMODE(5'd0), .OPMODE(7'b0010101), .ALUMODE(4'd0), .CARRYIN(1'b0),
      .CARRYINSEL(3'd0), .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b0), .CED(1'b0), .CEAD(1'b0), .CEM(1'b1),
      .CEP(go[61]), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0),
      .RSTD(1'b0), .RSTM(1'b0), .RSTP(go[62]), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
      .PCIN(cascade), .P(sum));
  assign gi[63:49] = p[14:0] ^ sum[14:0];
endmodule
