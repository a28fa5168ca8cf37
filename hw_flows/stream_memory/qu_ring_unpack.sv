// SPDX-License-Identifier: BSD-3-Clause
// Gives words that came side by side one after the other, the lowest first: rows of LANES words, or fewer by a way of their own.
`default_nettype none

module qu_ring_unpack #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned LANES = 8,      // words side by side, at least 2
    localparam int unsigned COUNT_BITS = $clog2(LANES + 1)
) (
    input  wire logic                       clk_i,
    input  wire logic                       rst_i,
    input  wire logic [LANES*WORD_BITS-1:0] row_i,    // LANES words
    input  wire logic                       valid_i,
    output      logic                       ready_o,  // follows m_axis_tready
    output      logic                       empty_o,  // the next two are looked at
    input  wire logic [LANES*WORD_BITS-1:0] words_i,  // the lowest count_i are words
    input  wire logic [     COUNT_BITS-1:0] count_i,
    input  wire logic                       take_i,   // they are taken; only where empty_o, and not with valid_i
    output      logic [      WORD_BITS-1:0] m_axis_tdata,
    output      logic                       m_axis_tvalid,
    input  wire logic                       m_axis_tready
);

  if (WORD_BITS < 1 || LANES < 2) begin : g_check_sizes
    $error("%m: WORD_BITS must be at least 1, LANES at least 2");
  end

  logic [LANES*WORD_BITS-1:0] words;
  logic [COUNT_BITS-1:0] left;
  wire pop = m_axis_tvalid && m_axis_tready;
  wire row = valid_i && ready_o;
  assign empty_o = left == '0;
  assign ready_o = empty_o || (left == COUNT_BITS'(1) && m_axis_tready);
  assign m_axis_tvalid = !empty_o;
  assign m_axis_tdata = words[WORD_BITS-1:0];
  always_ff @(posedge clk_i) begin
    if (row) words <= row_i;
    else if (take_i) words <= words_i;
    else if (pop) words <= words >> WORD_BITS;
    if (rst_i) left <= '0;
    else if (row) left <= COUNT_BITS'(LANES);
    else if (take_i) left <= count_i;
    else if (pop) left <= left - 1'b1;
  end

endmodule

`default_nettype wire
