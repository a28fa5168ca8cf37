// SPDX-License-Identifier: BSD-3-Clause
// Stream words to bus words: each word into its slot, zeros around it, every frame in bus words of its own.
`default_nettype none

module words_to_slots_bench #(
    parameter int unsigned WORD_BITS = 3,
    parameter int unsigned SLOT = 8,
    parameter int unsigned WORDS = 3,
    localparam int unsigned BIT_BITS = $clog2(WORDS * WORD_BITS + 1)
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
  logic [32-1:0] m_axis_tdata;

  qu_words_to_slots #(.WORD_BITS(WORD_BITS), .SLOT(SLOT), .WORDS(WORDS)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(WORD_BITS), .OUT_WORD_BITS(32), .ELEMENTS(WORDS), .ELEMENT_BITS(WORD_BITS), .IN_PITCH(WORD_BITS), .OUT_PITCH(SLOT),
      .IN_WORDS(WORDS), .PASSES(SLOT == 32 ? 1 : 0)) rules (.*);

endmodule

`default_nettype wire
