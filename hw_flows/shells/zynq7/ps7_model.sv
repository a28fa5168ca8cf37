// SPDX-License-Identifier: BSD-3-Clause
// For simulation only: the processing system as far as the shell uses it. Whoever simulates sets and
// reads the signals by name, before each rising edge of `fclk` (UG585 names the ports).
`default_nettype none

module PS7 (
    output wire logic [ 3:0] FCLKCLK,
    output wire logic [ 3:0] FCLKRESETN,
    input  wire logic        MAXIGP0ACLK,
    output wire logic [11:0] MAXIGP0AWID,
    output wire logic [31:0] MAXIGP0AWADDR,
    output wire logic [ 3:0] MAXIGP0AWLEN,
    output wire logic [ 1:0] MAXIGP0AWSIZE,
    output wire logic [ 1:0] MAXIGP0AWBURST,
    output wire logic        MAXIGP0AWVALID,
    input  wire logic        MAXIGP0AWREADY,
    output wire logic [31:0] MAXIGP0WDATA,
    output wire logic [ 3:0] MAXIGP0WSTRB,
    output wire logic        MAXIGP0WLAST,
    output wire logic        MAXIGP0WVALID,
    input  wire logic        MAXIGP0WREADY,
    input  wire logic [11:0] MAXIGP0BID,
    input  wire logic [ 1:0] MAXIGP0BRESP,
    input  wire logic        MAXIGP0BVALID,
    output wire logic        MAXIGP0BREADY,
    output wire logic [11:0] MAXIGP0ARID,
    output wire logic [31:0] MAXIGP0ARADDR,
    output wire logic [ 3:0] MAXIGP0ARLEN,
    output wire logic [ 1:0] MAXIGP0ARSIZE,
    output wire logic [ 1:0] MAXIGP0ARBURST,
    output wire logic        MAXIGP0ARVALID,
    input  wire logic        MAXIGP0ARREADY,
    input  wire logic [11:0] MAXIGP0RID,
    input  wire logic [31:0] MAXIGP0RDATA,
    input  wire logic [ 1:0] MAXIGP0RRESP,
    input  wire logic        MAXIGP0RLAST,
    input  wire logic        MAXIGP0RVALID,
    output wire logic        MAXIGP0RREADY
);

  logic fclk /*verilator public_flat_rw*/;
  logic fclk_reset_n /*verilator public_flat_rw*/;
  logic [11:0] awid /*verilator public_flat_rw*/, arid /*verilator public_flat_rw*/;
  logic [31:0] awaddr /*verilator public_flat_rw*/, araddr /*verilator public_flat_rw*/, wdata /*verilator public_flat_rw*/;
  logic [3:0] awlen /*verilator public_flat_rw*/, arlen /*verilator public_flat_rw*/, wstrb /*verilator public_flat_rw*/;
  logic [1:0] awsize /*verilator public_flat_rw*/, arsize /*verilator public_flat_rw*/;
  logic [1:0] awburst /*verilator public_flat_rw*/, arburst /*verilator public_flat_rw*/;
  logic awvalid /*verilator public_flat_rw*/, arvalid /*verilator public_flat_rw*/, wvalid /*verilator public_flat_rw*/;
  logic wlast /*verilator public_flat_rw*/, bready /*verilator public_flat_rw*/, rready /*verilator public_flat_rw*/;

  logic awready /*verilator public_flat_rd*/, wready /*verilator public_flat_rd*/, arready /*verilator public_flat_rd*/;
  logic bvalid /*verilator public_flat_rd*/, rvalid /*verilator public_flat_rd*/, rlast /*verilator public_flat_rd*/;
  logic [11:0] bid /*verilator public_flat_rd*/, rid /*verilator public_flat_rd*/;
  logic [1:0] bresp /*verilator public_flat_rd*/, rresp /*verilator public_flat_rd*/;
  logic [31:0] rdata /*verilator public_flat_rd*/;

  assign FCLKCLK         = {3'b000, fclk};
  assign FCLKRESETN      = {3'b000, fclk_reset_n};
  assign MAXIGP0AWID     = awid;
  assign MAXIGP0AWADDR   = awaddr;
  assign MAXIGP0AWLEN    = awlen;
  assign MAXIGP0AWSIZE   = awsize;
  assign MAXIGP0AWBURST  = awburst;
  assign MAXIGP0AWVALID  = awvalid;
  assign MAXIGP0WDATA    = wdata;
  assign MAXIGP0WSTRB    = wstrb;
  assign MAXIGP0WLAST    = wlast;
  assign MAXIGP0WVALID   = wvalid;
  assign MAXIGP0BREADY   = bready;
  assign MAXIGP0ARID     = arid;
  assign MAXIGP0ARADDR   = araddr;
  assign MAXIGP0ARLEN    = arlen;
  assign MAXIGP0ARSIZE   = arsize;
  assign MAXIGP0ARBURST  = arburst;
  assign MAXIGP0ARVALID  = arvalid;
  assign MAXIGP0RREADY   = rready;

  assign awready = MAXIGP0AWREADY;
  assign wready  = MAXIGP0WREADY;
  assign bid     = MAXIGP0BID;
  assign bresp   = MAXIGP0BRESP;
  assign bvalid  = MAXIGP0BVALID;
  assign arready = MAXIGP0ARREADY;
  assign rid     = MAXIGP0RID;
  assign rdata   = MAXIGP0RDATA;
  assign rresp   = MAXIGP0RRESP;
  assign rlast   = MAXIGP0RLAST;
  assign rvalid  = MAXIGP0RVALID;

  logic unused;
  assign unused = &{1'b0, MAXIGP0ACLK};

endmodule

`default_nettype wire
