// SPDX-License-Identifier: BSD-3-Clause
// Some of each kind of cell, between pins of the device.
module memory #(
    parameter W = 9,
    D = 2048
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

module top (
    input clk,
    input [63:0] go,
    output [63:0] gi
);
  // LUT memory
  TRELLIS_DPR16X4 #(.INITVAL(64'h0123_4567_89AB_CDEF)) m0 (.DI(go[3:0]), .WAD(go[7:4]), .WRE(go[8]), .WCK(clk), .RAD(go[12:9]), .DO(gi[3:0]));
  TRELLIS_DPR16X4 #(.INITVAL(64'h0)) m1 (.DI(go[23:20]), .WAD(go[27:24]), .WRE(go[28]), .WCK(clk), .RAD(go[32:29]), .DO(gi[7:4]));

  // flip-flops with all settings
  TRELLIS_FF #(.GSR("AUTO"), .CEMUX("CE"), .CLKMUX("CLK"), .LSRMUX("LSR"), .REGSET("SET"), .SRMODE("LSR_OVER_CE")) f0 (.CLK(clk), .CE(go[33]), .LSR(go[34]), .DI(go[35]), .Q(gi[8]));
  TRELLIS_FF #(.GSR("AUTO"), .CEMUX("INV"), .CLKMUX("CLK"), .LSRMUX("INV"), .REGSET("RESET"), .SRMODE("LSR_OVER_CE")) f1 (.CLK(clk), .CE(go[33]), .LSR(go[34]), .DI(go[35]), .Q(gi[9]));
  TRELLIS_FF #(.GSR("AUTO"), .CEMUX("1"), .CLKMUX("CLK"), .REGSET("SET")) f2 (.CLK(clk), .LSR(1'b0), .DI(go[36]), .Q(gi[10]));
  TRELLIS_FF #(.GSR("AUTO"), .CEMUX("CE"), .CLKMUX("CLK"), .REGSET("RESET")) f3 (.CLK(clk), .LSR(1'b0), .CE(go[37]), .DI(^go[36:30]), .Q(gi[11]));

  // wide logic, carry chains
  reg [3:0] select = 0;
  always @(posedge clk) select <= go[59:56] + select;
  wire [15:0] w = go[55:40];
  wire low, high, f8;
  PFUMX m7a (.BLUT(^go[4:1]), .ALUT(&go[12:10] | go[8]), .C0(go[57]), .Z(low));
  PFUMX m7b (.BLUT(go[13] ^ go[16] & go[17]), .ALUT(^go[22:19]), .C0(go[57]), .Z(high));
  L6MUX21 m8 (.D0(low), .D1(high), .SD(go[58]), .Z(f8));
  assign gi[12] = w[select] ^ f8;
  reg [9:0] s = 5;
  always @(posedge clk) s <= (go[9:0] ^ {10{go[60]}}) + (go[19:10] & go[29:20]) + go[61];
  assign gi[22:13] = s;
  assign gi[23] = go[15:0] < go[31:16];

  // block memories
  memory #(9, 2048) b0 (clk, go[30], go[10:0], go[25:15], go[40:32], gi[32:24]);
  memory #(2, 8192) b1 (clk, go[31], go[12:0], go[27:15], go[42:41], gi[34:33]);
  wire [35:0] wide;
  memory #(36, 512) b2 (clk, go[32], go[8:0], go[17:9], go[62:27], wide);
  assign gi[43:35] = wide[8:0] ^ wide[17:9] ^ wide[26:18] ^ wide[35:27];

  // multipliers
  reg signed [15:0] p;
  always @(posedge clk) p <= $signed(go[7:0]) * $signed(go[15:8]);
  reg [19:0] p2;
  always @(posedge clk) p2 <= go[29:20] * go[41:32];
  assign gi[59:44] = p;
  assign gi[63:60] = p2[19:16] ^ p2[3:0];
endmodule
