// SPDX-License-Identifier: BSD-3-Clause
// What has no model at gate level, or does not reach the bitstream.
module top(input clk, input [15:0] go, output [7:0] gi, inout io);
  TRELLIS_IO #(.DIR("BIDIR")) pad (.B(io), .I(go[0]), .T(go[1]), .O(gi[0]));
  TRELLIS_FF #(.GSR("DISABLED"), .CEMUX("1"), .CLKMUX("CLK"), .LSRMUX("LSR"), .SRMODE("ASYNC"), .REGSET("SET")) f0 (.CLK(clk), .LSR(go[2]), .DI(go[3]), .Q(gi[1]));
  TRELLIS_FF #(.GSR("DISABLED"), .CEMUX("1"), .CLKMUX("INV"), .REGSET("RESET")) f1 (.CLK(clk), .LSR(1'b0), .DI(go[4]), .Q(gi[2]));
  wire gclk; DCCA g (.CLKI(clk), .CE(go[5]), .CLKO(gclk));
  TRELLIS_FF #(.GSR("DISABLED"), .CEMUX("1"), .CLKMUX("CLK"), .REGSET("RESET")) f2 (.CLK(gclk), .LSR(1'b0), .DI(go[6]), .Q(gi[3]));
  TRELLIS_DPR16X4 #(.INITVAL(64'h5), .WREMUX("INV")) m1 (.DI(go[3:0]), .WAD(go[7:4]), .WRE(go[8]), .WCK(gclk), .RAD(go[12:9]), .DO(gi[7:4]));
endmodule
