// SPDX-License-Identifier: BSD-3-Clause
// One input word becomes RATIO output words, the lowest bits first.
//
// The input word is taken into a register at once, so that a source that computes for several cycles a word, such as a
// matrix-vector unit, goes on meanwhile; a multiplexer on the register takes fewer LUTs than shifting it. A new word is taken
// while the last part of the one before leaves: one output word a cycle. s_axis_tready depends combinationally on
// m_axis_tready.
`default_nettype none

module qu_narrow #(
    parameter int unsigned OUT_WORD_BITS = 8,  // bits of an output word, at least 1
    parameter int unsigned RATIO = 2       // output words per input word, at least 2
) (
    input  wire logic                       clk_i,
    input  wire logic                       rst_i,
    input  wire logic [OUT_WORD_BITS*RATIO-1:0] s_axis_tdata,
    input  wire logic                       s_axis_tvalid,
    output      logic                       s_axis_tready,
    output      logic [OUT_WORD_BITS-1:0]       m_axis_tdata,
    output      logic                       m_axis_tvalid,
    input  wire logic                       m_axis_tready
);

  localparam int unsigned COUNT_BITS = $clog2(RATIO);

  logic [OUT_WORD_BITS*RATIO-1:0] word;
  logic [COUNT_BITS-1:0] part;  // on the output
  wire last = part == COUNT_BITS'(RATIO - 1);
  wire pop = m_axis_tvalid && m_axis_tready;
  wire push = s_axis_tvalid && s_axis_tready;

  assign m_axis_tdata = word[part*OUT_WORD_BITS+:OUT_WORD_BITS];
  assign s_axis_tready = !m_axis_tvalid || (last && m_axis_tready);

  always_ff @(posedge clk_i) begin
    if (push) word <= s_axis_tdata;
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (push) m_axis_tvalid <= 1'b1;
    else if (pop && last) m_axis_tvalid <= 1'b0;
    if (rst_i) part <= '0;
    else if (pop) part <= last ? '0 : part + 1'b1;
  end

endmodule

`default_nettype wire
