// SPDX-License-Identifier: BSD-3-Clause
// The accelerator behind an AXI3 slave: register bus, input FIFO, slots to words, accelerator, words to slots, output FIFO.
// For weights in memory, what stands from a line `//+` to the next `//-` is exchanged: see memory.py.
`default_nettype none

module qu_zynq7_shell
  import qu_zynq7_map::*;
(
    input  wire logic        clk_i,
    input  wire logic        rst_i,
    //+ ports
    //-
    input  wire logic [11:0] s_axi_awid,
    input  wire logic [31:0] s_axi_awaddr,
    input  wire logic [ 3:0] s_axi_awlen,
    input  wire logic [ 1:0] s_axi_awsize,
    input  wire logic [ 1:0] s_axi_awburst,
    input  wire logic        s_axi_awvalid,
    output      logic        s_axi_awready,
    input  wire logic [31:0] s_axi_wdata,
    input  wire logic [ 3:0] s_axi_wstrb,
    input  wire logic        s_axi_wlast,
    input  wire logic        s_axi_wvalid,
    output      logic        s_axi_wready,
    output      logic [11:0] s_axi_bid,
    output      logic [ 1:0] s_axi_bresp,
    output      logic        s_axi_bvalid,
    input  wire logic        s_axi_bready,
    input  wire logic [11:0] s_axi_arid,
    input  wire logic [31:0] s_axi_araddr,
    input  wire logic [ 3:0] s_axi_arlen,
    input  wire logic [ 1:0] s_axi_arsize,
    input  wire logic [ 1:0] s_axi_arburst,
    input  wire logic        s_axi_arvalid,
    output      logic        s_axi_arready,
    output      logic [11:0] s_axi_rid,
    output      logic [31:0] s_axi_rdata,
    output      logic [ 1:0] s_axi_rresp,
    output      logic        s_axi_rlast,
    output      logic        s_axi_rvalid,
    input  wire logic        s_axi_rready
);

  logic write, write_refused, read, read_refused;
  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic [31:0] write_data, read_data;

  qu_axi3_slave #(
      .ID_BITS(12),
      .ADDRESS_BITS(ADDRESS_BITS)
  ) slave (
      .*,
      .s_axi_awaddr(s_axi_awaddr[ADDRESS_BITS-1:0]),
      .s_axi_araddr(s_axi_araddr[ADDRESS_BITS-1:0]),
      .write_o(write),
      .write_address_o(write_address),
      .write_data_o(write_data),
      .write_refused_i(write_refused),
      .read_o(read),
      .read_address_o(read_address),
      .read_data_i(read_data),
      .read_refused_i(read_refused)
  );

  logic soft_reset;
  logic weights_run, weights_running;  // weights are to be read; they are, or need not be
  logic [31:0] weights_base, weights_status;
  logic stream_reset;  // FIFOs and accelerator; a register of its own for its fan-out
  always_ff @(posedge clk_i) stream_reset <= rst_i || soft_reset || !weights_running;

  logic [FIFO_LEVEL_BITS-1:0] free, level;
  logic [31:0] host_in_tdata, bus_in_tdata, bus_out_tdata, host_out_tdata;
  logic host_in_tvalid, bus_in_tvalid, bus_out_tvalid, host_out_tvalid;
  logic host_in_tready, bus_in_tready, bus_out_tready, host_out_tready;
  logic [INPUT_WORD_BITS-1:0] in_tdata;
  logic [OUTPUT_WORD_BITS-1:0] out_tdata;
  logic in_tvalid, in_tready, out_tvalid, out_tready;

  qu_registers host (
      .clk_i,
      .rst_i,
      .write_i(write),
      .write_address_i(write_address),
      .write_data_i(write_data),
      .write_refused_o(write_refused),
      .read_i(read),
      .read_address_i(read_address),
      .read_data_o(read_data),
      .read_refused_o(read_refused),
      .reset_o(soft_reset),
      .run_o(weights_run),
      .base_o(weights_base),
      .status_i(weights_status),
      .free_i(free),
      .in_tdata(host_in_tdata),
      .in_tvalid(host_in_tvalid),
      .in_tready(host_in_tready),
      .level_i(level),
      .out_tdata(host_out_tdata),
      .out_tvalid(host_out_tvalid),
      .out_tready(host_out_tready)
  );

  logic [FIFO_LEVEL_BITS-1:0] unused_level, unused_free;

  qu_bus_fifo #(.DEPTH(FIFO_DEPTH)) input_fifo (
      .clk_i,
      .rst_i(stream_reset),
      .s_axis_tdata(host_in_tdata),
      .s_axis_tvalid(host_in_tvalid),
      .s_axis_tready(host_in_tready),
      .m_axis_tdata(bus_in_tdata),
      .m_axis_tvalid(bus_in_tvalid),
      .m_axis_tready(bus_in_tready),
      .level_o(unused_level),
      .free_o(free)
  );

  qu_slots_to_words #(
      .WORD_BITS(INPUT_WORD_BITS),
      .SLOT(INPUT_SLOT),
      .WORDS(INPUT_WORDS)
  ) unpack (
      .clk_i,
      .rst_i(stream_reset),
      .s_axis_tdata(bus_in_tdata),
      .s_axis_tvalid(bus_in_tvalid),
      .s_axis_tready(bus_in_tready),
      .m_axis_tdata(in_tdata),
      .m_axis_tvalid(in_tvalid),
      .m_axis_tready(in_tready)
  );

  //+ accelerator
  assign weights_running = 1'b1;
  assign weights_status = '0;
  wire unused_weights = &{1'b0, weights_run, weights_base};
  quantunet_accel accelerator (
      .clk_i,
      .rst_i(stream_reset),
  //-
      .s_axis_tdata(in_tdata),
      .s_axis_tvalid(in_tvalid),
      .s_axis_tready(in_tready),
      .m_axis_tdata(out_tdata),
      .m_axis_tvalid(out_tvalid),
      .m_axis_tready(out_tready)
  );

  qu_words_to_slots #(
      .WORD_BITS(OUTPUT_WORD_BITS),
      .SLOT(OUTPUT_SLOT),
      .WORDS(OUTPUT_WORDS)
  ) pack (
      .clk_i,
      .rst_i(stream_reset),
      .s_axis_tdata(out_tdata),
      .s_axis_tvalid(out_tvalid),
      .s_axis_tready(out_tready),
      .m_axis_tdata(bus_out_tdata),
      .m_axis_tvalid(bus_out_tvalid),
      .m_axis_tready(bus_out_tready)
  );

  qu_bus_fifo #(.DEPTH(FIFO_DEPTH)) output_fifo (
      .clk_i,
      .rst_i(stream_reset),
      .s_axis_tdata(bus_out_tdata),
      .s_axis_tvalid(bus_out_tvalid),
      .s_axis_tready(bus_out_tready),
      .m_axis_tdata(host_out_tdata),
      .m_axis_tvalid(host_out_tvalid),
      .m_axis_tready(host_out_tready),
      .level_o(level),
      .free_o(unused_free)
  );

  // The map repeats: upper address bits do not matter.
  logic unused;
  assign unused = &{1'b0, unused_level, unused_free, s_axi_awaddr, s_axi_araddr};

endmodule

`default_nettype wire
