// SPDX-License-Identifier: BSD-3-Clause
// FIFO: every word comes out once, in order; exactly DEPTH words fit.
`default_nettype none

module fifo_bench #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned DEPTH = 4,
    parameter int unsigned STYLE = 0,
    parameter int unsigned SCATTERED = 0
) (
    input wire logic             clk_i,
    input wire logic             rst_i,
    input wire logic             choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic             s_axis_tvalid,
    input wire logic             m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [WORD_BITS-1:0] m_axis_tdata, word;
  localparam int unsigned AHEAD_BITS = $clog2(DEPTH + 2) + 1;
  logic signed [AHEAD_BITS-1:0] level;

  qu_fifo #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .STYLE(STYLE), .SCATTERED(SCATTERED)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS), .FRAMES(DEPTH)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));
  responds #(.CYCLES(3)) prompt (
      .clk_i, .rst_i(off), .due_i(level != '0), .event_i(m_axis_tvalid));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed) order : assert (seen && m_axis_tdata == word);
      capacity : assert (s_axis_tready == (level != AHEAD_BITS'(DEPTH)));
      nothing_invented : assert (!m_axis_tvalid || level != '0);
      full : cover (level == AHEAD_BITS'(DEPTH));
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
