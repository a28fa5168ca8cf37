// SPDX-License-Identifier: BSD-3-Clause
// Bytes to stream words: a word from the bytes of its slot, lowest first. A frame is one word.
`default_nettype none

module bytes_to_words_bench #(
    parameter int unsigned WORD_BITS = 10,
    parameter int unsigned SLOT_BYTES = 2,
    localparam int unsigned BIT_BITS = $clog2(WORD_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [8-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid;
  logic [WORD_BITS-1:0] m_axis_tdata;

  qu_bytes_to_words #(.WORD_BITS(WORD_BITS), .SLOT_BYTES(SLOT_BYTES)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(8), .OUT_WORD_BITS(WORD_BITS), .ELEMENT_BITS(WORD_BITS), .IN_PITCH(WORD_BITS), .OUT_PITCH(WORD_BITS), .IN_WORDS(SLOT_BYTES)) rules (.*);

endmodule

`default_nettype wire
