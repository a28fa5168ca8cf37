// SPDX-License-Identifier: BSD-3-Clause
// Bus words to stream words: each word from its slot, and every frame from a bus word of its own.
`default_nettype none

module slots_to_words_bench #(
    parameter int unsigned WORD_BITS = 3,
    parameter int unsigned SLOT = 8,
    parameter int unsigned WORDS = 3,
    localparam int unsigned BIT_BITS = $clog2(WORDS * WORD_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [32-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid;
  logic [WORD_BITS-1:0] m_axis_tdata;

  qu_slots_to_words #(.WORD_BITS(WORD_BITS), .SLOT(SLOT), .WORDS(WORDS)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(32), .OUT_WORD_BITS(WORD_BITS), .ELEMENTS(WORDS), .ELEMENT_BITS(WORD_BITS), .IN_PITCH(SLOT), .OUT_PITCH(WORD_BITS),
      .IN_WORDS((WORDS * SLOT + 31) / 32), .PASSES(SLOT <= 32 ? 1 : 0)) rules (.*);

endmodule

`default_nettype wire
