// SPDX-License-Identifier: BSD-3-Clause
// For simulation only: the processing system as far as the shell uses it. Whoever simulates sets and
// reads the signals by name, before each rising edge of `fclk` (UG585 names the ports). HP ports that a design does not
// use have no clock.
`default_nettype none

`define HP_PORT(n) \
    input  wire logic        SAXIHP``n``ACLK = 1'b0, \
    input  wire logic [31:0] SAXIHP``n``ARADDR = '0, \
    input  wire logic [ 3:0] SAXIHP``n``ARLEN = '0, \
    input  wire logic [ 1:0] SAXIHP``n``ARSIZE = '0, \
    input  wire logic [ 1:0] SAXIHP``n``ARBURST = '0, \
    input  wire logic [ 3:0] SAXIHP``n``ARCACHE = '0, \
    input  wire logic [ 2:0] SAXIHP``n``ARPROT = '0, \
    input  wire logic [ 1:0] SAXIHP``n``ARLOCK = '0, \
    input  wire logic [ 3:0] SAXIHP``n``ARQOS = '0, \
    input  wire logic [ 5:0] SAXIHP``n``ARID = '0, \
    input  wire logic        SAXIHP``n``ARVALID = 1'b0, \
    output wire logic        SAXIHP``n``ARREADY, \
    output wire logic [63:0] SAXIHP``n``RDATA, \
    output wire logic [ 1:0] SAXIHP``n``RRESP, \
    output wire logic        SAXIHP``n``RLAST, \
    output wire logic        SAXIHP``n``RVALID, \
    input  wire logic        SAXIHP``n``RREADY = 1'b0, \
    input  wire logic        SAXIHP``n``RDISSUECAP1EN = 1'b0, \
    input  wire logic [31:0] SAXIHP``n``AWADDR = '0, \
    input  wire logic [ 3:0] SAXIHP``n``AWLEN = '0, \
    input  wire logic [ 1:0] SAXIHP``n``AWSIZE = '0, \
    input  wire logic [ 1:0] SAXIHP``n``AWBURST = '0, \
    input  wire logic [ 3:0] SAXIHP``n``AWCACHE = '0, \
    input  wire logic [ 2:0] SAXIHP``n``AWPROT = '0, \
    input  wire logic [ 1:0] SAXIHP``n``AWLOCK = '0, \
    input  wire logic [ 3:0] SAXIHP``n``AWQOS = '0, \
    input  wire logic [ 5:0] SAXIHP``n``AWID = '0, \
    input  wire logic        SAXIHP``n``AWVALID = 1'b0, \
    output wire logic        SAXIHP``n``AWREADY, \
    input  wire logic [63:0] SAXIHP``n``WDATA = '0, \
    input  wire logic [ 7:0] SAXIHP``n``WSTRB = '0, \
    input  wire logic [ 5:0] SAXIHP``n``WID = '0, \
    input  wire logic        SAXIHP``n``WLAST = 1'b0, \
    input  wire logic        SAXIHP``n``WVALID = 1'b0, \
    output wire logic        SAXIHP``n``WREADY, \
    output wire logic [ 1:0] SAXIHP``n``BRESP, \
    output wire logic        SAXIHP``n``BVALID, \
    input  wire logic        SAXIHP``n``BREADY = 1'b0, \
    input  wire logic        SAXIHP``n``WRISSUECAP1EN = 1'b0

// What a port is told besides addresses and data, in the order above: see `hp_told` of reads, `hp_told_write` of writes.
`define HP_WIRES(n) \
  assign SAXIHP``n``ARREADY = hp_arready[n]; \
  assign SAXIHP``n``RDATA = hp_rdata[n]; \
  assign SAXIHP``n``RRESP = hp_rresp[n]; \
  assign SAXIHP``n``RLAST = hp_rlast[n]; \
  assign SAXIHP``n``RVALID = hp_rvalid[n]; \
  assign hp_aclk[n] = SAXIHP``n``ACLK; \
  assign hp_araddr[n] = SAXIHP``n``ARADDR; \
  assign hp_arlen[n] = SAXIHP``n``ARLEN; \
  assign hp_arvalid[n] = SAXIHP``n``ARVALID; \
  assign hp_rready[n] = SAXIHP``n``RREADY; \
  assign hp_told[n] = {SAXIHP``n``ARSIZE, SAXIHP``n``ARBURST, SAXIHP``n``ARCACHE, SAXIHP``n``ARPROT, SAXIHP``n``ARLOCK, \
                       SAXIHP``n``ARQOS, SAXIHP``n``ARID}; \
  assign SAXIHP``n``AWREADY = hp_awready[n]; \
  assign SAXIHP``n``WREADY = hp_wready[n]; \
  assign SAXIHP``n``BRESP = hp_bresp[n]; \
  assign SAXIHP``n``BVALID = hp_bvalid[n]; \
  assign hp_awaddr[n] = SAXIHP``n``AWADDR; \
  assign hp_awlen[n] = SAXIHP``n``AWLEN; \
  assign hp_awvalid[n] = SAXIHP``n``AWVALID; \
  assign hp_wdata[n] = SAXIHP``n``WDATA; \
  assign hp_wlast[n] = SAXIHP``n``WLAST; \
  assign hp_wvalid[n] = SAXIHP``n``WVALID; \
  assign hp_bready[n] = SAXIHP``n``BREADY; \
  assign hp_told_write[n] = {SAXIHP``n``WSTRB, SAXIHP``n``WID, SAXIHP``n``AWSIZE, SAXIHP``n``AWBURST, SAXIHP``n``AWCACHE, \
                             SAXIHP``n``AWPROT, SAXIHP``n``AWLOCK, SAXIHP``n``AWQOS, SAXIHP``n``AWID}; \
  assign hp_others[n] = SAXIHP``n``RDISSUECAP1EN | SAXIHP``n``WRISSUECAP1EN;

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
    output wire logic        MAXIGP0RREADY,
    `HP_PORT(0),
    `HP_PORT(1),
    `HP_PORT(2),
    `HP_PORT(3)
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

  logic hp_arready[4] /*verilator public_flat_rw*/, hp_rlast[4] /*verilator public_flat_rw*/;
  logic hp_rvalid[4] /*verilator public_flat_rw*/;
  logic [63:0] hp_rdata[4] /*verilator public_flat_rw*/;
  logic [1:0] hp_rresp[4] /*verilator public_flat_rw*/;
  logic hp_aclk[4] /*verilator public_flat_rd*/, hp_arvalid[4] /*verilator public_flat_rd*/;
  logic hp_rready[4] /*verilator public_flat_rd*/, hp_others[4] /*verilator public_flat_rd*/;
  logic [31:0] hp_araddr[4] /*verilator public_flat_rd*/;
  logic [3:0] hp_arlen[4] /*verilator public_flat_rd*/;
  logic [22:0] hp_told[4] /*verilator public_flat_rd*/;
  logic hp_awready[4] /*verilator public_flat_rw*/, hp_wready[4] /*verilator public_flat_rw*/;
  logic hp_bvalid[4] /*verilator public_flat_rw*/;
  logic [1:0] hp_bresp[4] /*verilator public_flat_rw*/;
  logic hp_awvalid[4] /*verilator public_flat_rd*/, hp_wvalid[4] /*verilator public_flat_rd*/;
  logic hp_wlast[4] /*verilator public_flat_rd*/, hp_bready[4] /*verilator public_flat_rd*/;
  logic [31:0] hp_awaddr[4] /*verilator public_flat_rd*/;
  logic [3:0] hp_awlen[4] /*verilator public_flat_rd*/;
  logic [63:0] hp_wdata[4] /*verilator public_flat_rd*/;
  logic [36:0] hp_told_write[4] /*verilator public_flat_rd*/;

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

  `HP_WIRES(0)
  `HP_WIRES(1)
  `HP_WIRES(2)
  `HP_WIRES(3)

  logic unused;
  assign unused = &{1'b0, MAXIGP0ACLK};

endmodule

`default_nettype wire
`undef HP_PORT
`undef HP_WIRES
