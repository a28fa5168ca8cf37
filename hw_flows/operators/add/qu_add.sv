// SPDX-License-Identifier: BSD-3-Clause
// Adds two streams element by element: FACTOR_0 * s0_axis + FACTOR_1 * s1_axis, modulo 2**OUT_BITS.
//
// Takes a word of each input in the same cycle, one a cycle; the sum is registered, one cycle later. tready of an input
// follows m_axis_tready and tvalid of the other input combinationally.
`default_nettype none

module qu_add #(
    parameter int unsigned LANES    = 1,  // elements of a word, at least 1
    parameter int unsigned BITS_0   = 8,  // bits of an element of s0_axis, at least 1
    parameter int unsigned SIGNED_0 = 0,  // 1: elements of s0_axis in two's complement
    parameter int          FACTOR_0 = 1,  // not 0
    parameter int unsigned BITS_1   = 8,  // bits of an element of s1_axis, at least 1
    parameter int unsigned SIGNED_1 = 0,  // 1: elements of s1_axis in two's complement
    parameter int          FACTOR_1 = 1,  // not 0
    parameter int unsigned OUT_BITS = 9   // bits of an element of the output, 1 to 48
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
  if (BITS_0 < 1 || BITS_1 < 1 || OUT_BITS < 1 || OUT_BITS > 48) begin : g_check_bits
    $error("%m: BITS_0 (%0d) and BITS_1 (%0d) must be at least 1, OUT_BITS (%0d) 1 to 48", BITS_0, BITS_1, OUT_BITS);
  end
  if (SIGNED_0 > 1 || SIGNED_1 > 1) begin : g_check_signed
    $error("%m: SIGNED_0 (%0d) and SIGNED_1 (%0d) must be 0 or 1", SIGNED_0, SIGNED_1);
  end
  if (FACTOR_0 == 0 || FACTOR_1 == 0) begin : g_check_factors
    $error("%m: FACTOR_0 (%0d) and FACTOR_1 (%0d) must not be 0", FACTOR_0, FACTOR_1);
  end

  logic advance;  // the register is empty, or its word is taken
  logic [LANES*OUT_BITS-1:0] sums;

  assign advance        = !m_axis_tvalid || m_axis_tready;
  assign s0_axis_tready = advance && s1_axis_tvalid;
  assign s1_axis_tready = advance && s0_axis_tvalid;

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (advance) m_axis_tvalid <= s0_axis_tvalid && s1_axis_tvalid;
    if (advance) m_axis_tdata <= sums;
  end

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    logic [OUT_BITS-1:0] product_0, product_1;

    qu_times_constant #(.IN_BITS(BITS_0), .IN_SIGNED(SIGNED_0), .FACTOR(FACTOR_0), .OUT_BITS(OUT_BITS)) times_0 (
        .element_i(s0_axis_tdata[i*BITS_0+:BITS_0]), .product_o(product_0));
    qu_times_constant #(.IN_BITS(BITS_1), .IN_SIGNED(SIGNED_1), .FACTOR(FACTOR_1), .OUT_BITS(OUT_BITS)) times_1 (
        .element_i(s1_axis_tdata[i*BITS_1+:BITS_1]), .product_o(product_1));
    assign sums[i*OUT_BITS+:OUT_BITS] = product_0 + product_1;
  end

endmodule

`default_nettype wire
