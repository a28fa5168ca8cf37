// SPDX-License-Identifier: BSD-3-Clause
// Stream words to bytes: a slot of bytes a word, lowest first, zeros above it. A frame is one word.
`default_nettype none

module words_to_bytes_bench #(
    parameter int unsigned WORD_BITS = 10,
    parameter int unsigned SLOT_BYTES = 2,
    localparam int unsigned BIT_BITS = $clog2(WORD_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid;
  logic [8-1:0] m_axis_tdata;

  qu_words_to_bytes #(.WORD_BITS(WORD_BITS), .SLOT_BYTES(SLOT_BYTES)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(WORD_BITS), .OUT_WORD_BITS(8), .ELEMENT_BITS(WORD_BITS), .IN_PITCH(WORD_BITS), .OUT_PITCH(8 * SLOT_BYTES), .IN_WORDS(1)) rules (.*);

endmodule

`default_nettype wire
