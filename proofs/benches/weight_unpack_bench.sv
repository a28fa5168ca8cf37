// SPDX-License-Identifier: BSD-3-Clause
// Unpack: the bits of a region's words of memory, lowest first, are the bits of its words of the stream; the rest is left out.
`default_nettype none

module weight_unpack_bench #(
    parameter int unsigned WORD_BITS = 4,
    parameter int unsigned STREAM_BITS = 3,
    parameter int unsigned WORDS = 3,
    parameter int unsigned IN_WORDS = 3,  // words of memory of a region: WORDS * STREAM_BITS / WORD_BITS, rounded up
    localparam int unsigned BIT_BITS = $clog2(WORDS * STREAM_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, room_o;
  logic [STREAM_BITS-1:0] m_axis_tdata;

  // As qu_weight_store: a word comes only where room was seen since the last one.
  wire give = s_axis_tvalid && s_axis_tready;
  wire last = 32'(rules.in_index) == IN_WORDS - 1;
  always_ff @(posedge clk_i) begin
    if (rst_i) s_axis_tready <= 1'b0;
    else s_axis_tready <= !give && (room_o || s_axis_tready);
  end

  qu_weight_unpack #(.WORD_BITS(WORD_BITS), .STREAM_BITS(STREAM_BITS), .WORDS(WORDS)) dut (
      .clk_i, .rst_i, .room_o, .give_i(give), .word_i(s_axis_tdata), .last_i(last), .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WORD_BITS(WORD_BITS), .OUT_WORD_BITS(STREAM_BITS), .ELEMENT_BITS(WORDS * STREAM_BITS), .IN_PITCH(IN_WORDS * WORD_BITS),
      .OUT_PITCH(WORDS * STREAM_BITS), .IN_WORDS(IN_WORDS), .FRAMES(3), .PROMPT(6)) rules (.*);

endmodule

`default_nettype wire
