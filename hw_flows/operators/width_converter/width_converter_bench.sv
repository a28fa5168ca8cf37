// SPDX-License-Identifier: BSD-3-Clause
// Width converter: the bits of the input words, lowest first, are the bits of the output words. A frame is the least common
// multiple of both widths.
`default_nettype none

module width_converter_bench #(
    parameter int unsigned IN_WORD_BITS = 2,
    parameter int unsigned OUT_WORD_BITS = 3,
    parameter int unsigned FRAME_BITS = 6,  // least common multiple of IN_WORD_BITS and OUT_WORD_BITS
    localparam int unsigned BIT_BITS = $clog2(FRAME_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [IN_WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid;
  logic [OUT_WORD_BITS-1:0] m_axis_tdata;

  qu_width_converter #(.IN_WORD_BITS(IN_WORD_BITS), .OUT_WORD_BITS(OUT_WORD_BITS)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(IN_WORD_BITS), .OUT_WORD_BITS(OUT_WORD_BITS), .ELEMENT_BITS(FRAME_BITS), .IN_PITCH(FRAME_BITS), .OUT_PITCH(FRAME_BITS),
      .PASSES(IN_WORD_BITS == OUT_WORD_BITS ? 1 : 0)) rules (.*);

endmodule

`default_nettype wire
