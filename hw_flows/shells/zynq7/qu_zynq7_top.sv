// SPDX-License-Identifier: BSD-3-Clause
// Top of a Zynq-7000 (UG585): the processing system's master port M_AXI_GP0 drives the shell, its FCLK0 is the clock.
//
// The design has no pins of its own: memory and fixed I/O belong to the processing system, which boots before and sets them
// up. The reset is FCLK_RESET0_N, which the processing system releases after it has loaded the bitstream.
// For weights in memory, HP ports come to the lines `//+`: see memory.py.
`default_nettype none

module qu_zynq7_top;

  logic [3:0] fclk, fclk_reset_n;
  logic clk;

  BUFG clock_buffer (.I(fclk[0]), .O(clk));

  // Released three cycles after FCLK_RESET0_N, which is asynchronous to FCLK0. Flip-flops start at 1: reset after loading.
  // verilator lint_off PROCASSINIT
  (* async_reg = "true", keep, shreg_extract = "no" *) logic [2:0] reset = '1;
  // verilator lint_on PROCASSINIT
  always_ff @(posedge clk) reset <= {reset[1:0], !fclk_reset_n[0]};

  // Three more clocks and resets are not used.
  logic unused;
  assign unused = &{1'b0, fclk, fclk_reset_n};

  logic [11:0] awid, bid, arid, rid;
  logic [31:0] awaddr, araddr, wdata, rdata;
  logic [3:0] awlen, arlen, wstrb;
  logic [1:0] awsize, arsize, awburst, arburst, bresp, rresp;
  logic awvalid, awready, wvalid, wready, wlast, bvalid, bready, arvalid, arready, rvalid, rready, rlast;

  //+ wires
  //-
  PS7 ps7 (
      //+ ps7
      //-
      .FCLKCLK(fclk),
      .FCLKRESETN(fclk_reset_n),
      .MAXIGP0ACLK(clk),
      .MAXIGP0AWID(awid),
      .MAXIGP0AWADDR(awaddr),
      .MAXIGP0AWLEN(awlen),
      .MAXIGP0AWSIZE(awsize),
      .MAXIGP0AWBURST(awburst),
      .MAXIGP0AWVALID(awvalid),
      .MAXIGP0AWREADY(awready),
      .MAXIGP0WDATA(wdata),
      .MAXIGP0WSTRB(wstrb),
      .MAXIGP0WLAST(wlast),
      .MAXIGP0WVALID(wvalid),
      .MAXIGP0WREADY(wready),
      .MAXIGP0BID(bid),
      .MAXIGP0BRESP(bresp),
      .MAXIGP0BVALID(bvalid),
      .MAXIGP0BREADY(bready),
      .MAXIGP0ARID(arid),
      .MAXIGP0ARADDR(araddr),
      .MAXIGP0ARLEN(arlen),
      .MAXIGP0ARSIZE(arsize),
      .MAXIGP0ARBURST(arburst),
      .MAXIGP0ARVALID(arvalid),
      .MAXIGP0ARREADY(arready),
      .MAXIGP0RID(rid),
      .MAXIGP0RDATA(rdata),
      .MAXIGP0RRESP(rresp),
      .MAXIGP0RLAST(rlast),
      .MAXIGP0RVALID(rvalid),
      .MAXIGP0RREADY(rready)
  );

  qu_zynq7_shell shell (
      .clk_i(clk),
      .rst_i(reset[2]),
      //+ shell
      //-
      .s_axi_awid(awid),
      .s_axi_awaddr(awaddr),
      .s_axi_awlen(awlen),
      .s_axi_awsize(awsize),
      .s_axi_awburst(awburst),
      .s_axi_awvalid(awvalid),
      .s_axi_awready(awready),
      .s_axi_wdata(wdata),
      .s_axi_wstrb(wstrb),
      .s_axi_wlast(wlast),
      .s_axi_wvalid(wvalid),
      .s_axi_wready(wready),
      .s_axi_bid(bid),
      .s_axi_bresp(bresp),
      .s_axi_bvalid(bvalid),
      .s_axi_bready(bready),
      .s_axi_arid(arid),
      .s_axi_araddr(araddr),
      .s_axi_arlen(arlen),
      .s_axi_arsize(arsize),
      .s_axi_arburst(arburst),
      .s_axi_arvalid(arvalid),
      .s_axi_arready(arready),
      .s_axi_rid(rid),
      .s_axi_rdata(rdata),
      .s_axi_rresp(rresp),
      .s_axi_rlast(rlast),
      .s_axi_rvalid(rvalid),
      .s_axi_rready(rready)
  );

endmodule

`default_nettype wire
