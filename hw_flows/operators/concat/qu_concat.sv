// SPDX-License-Identifier: BSD-3-Clause
// Joins two streams along the channels: FOLD_0 words of s0_axis, then FOLD_1 words of s1_axis, for each pixel.
//
// Elements are extended to the output's width, with the sign where their own format has one. One word a cycle. No data
// registers: the output follows the selected input combinationally and its tready follows m_axis_tready.
`default_nettype none

module qu_concat #(
    parameter int unsigned LANES    = 1,  // elements of a word, at least 1
    parameter int unsigned BITS_0   = 8,  // bits of an element of s0_axis, 1 to OUT_BITS
    parameter int unsigned SIGNED_0 = 0,  // 1: elements of s0_axis in two's complement
    parameter int unsigned FOLD_0   = 1,  // words of a pixel on s0_axis, at least 1
    parameter int unsigned BITS_1   = 8,  // bits of an element of s1_axis, 1 to OUT_BITS
    parameter int unsigned SIGNED_1 = 0,  // 1: elements of s1_axis in two's complement
    parameter int unsigned FOLD_1   = 1,  // words of a pixel on s1_axis, at least 1
    parameter int unsigned OUT_BITS = 8   // bits of an element of the output
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [  LANES*BITS_0-1:0] s0_axis_tdata,
    input  wire logic                      s0_axis_tvalid,
    output      logic                      s0_axis_tready,
    input  wire logic [  LANES*BITS_1-1:0] s1_axis_tdata,
    input  wire logic                      s1_axis_tvalid,
    output      logic                      s1_axis_tready,
    output      logic [LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  if (LANES < 1) begin : g_check_lanes
    $error("%m: LANES must be at least 1");
  end
  if (BITS_0 < 1 || BITS_0 > OUT_BITS || BITS_1 < 1 || BITS_1 > OUT_BITS) begin : g_check_bits
    $error("%m: BITS_0 (%0d) and BITS_1 (%0d) must be at least 1 and at most OUT_BITS (%0d)", BITS_0, BITS_1, OUT_BITS);
  end
  if (SIGNED_0 > 1 || SIGNED_1 > 1) begin : g_check_signed
    $error("%m: SIGNED_0 (%0d) and SIGNED_1 (%0d) must be 0 or 1", SIGNED_0, SIGNED_1);
  end
  if (FOLD_0 < 1 || FOLD_1 < 1) begin : g_check_fold
    $error("%m: FOLD_0 and FOLD_1 must be at least 1");
  end

  logic second;  // s1_axis is selected
  logic transfer, last_0, last_1;

  assign transfer = m_axis_tvalid && m_axis_tready;

  qu_loop_counter #(.COUNT(FOLD_0)) fold_0 (
      .clk_i, .rst_i, .step_i(transfer && !second), .last_o(last_0));
  qu_loop_counter #(.COUNT(FOLD_1)) fold_1 (
      .clk_i, .rst_i, .step_i(transfer && second), .last_o(last_1));

  always_ff @(posedge clk_i) begin
    if (rst_i) second <= 1'b0;
    else if (transfer && (second ? last_1 : last_0)) second <= !second;
  end

  assign m_axis_tvalid  = second ? s1_axis_tvalid : s0_axis_tvalid;
  assign s0_axis_tready = !second && m_axis_tready;
  assign s1_axis_tready = second && m_axis_tready;

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    logic [BITS_0-1:0] element_0;
    logic [BITS_1-1:0] element_1;
    logic [OUT_BITS-1:0] wide_0, wide_1;

    assign element_0 = s0_axis_tdata[i*BITS_0+:BITS_0];
    assign element_1 = s1_axis_tdata[i*BITS_1+:BITS_1];
    if (SIGNED_0 != 0) begin : g_signed_0
      assign wide_0 = OUT_BITS'($signed(element_0));
    end else begin : g_unsigned_0
      assign wide_0 = OUT_BITS'(element_0);
    end
    if (SIGNED_1 != 0) begin : g_signed_1
      assign wide_1 = OUT_BITS'($signed(element_1));
    end else begin : g_unsigned_1
      assign wide_1 = OUT_BITS'(element_1);
    end
    assign m_axis_tdata[i*OUT_BITS+:OUT_BITS] = second ? wide_1 : wide_0;
  end

endmodule

`default_nettype wire
