// SPDX-License-Identifier: BSD-3-Clause
// Bus FIFO: every word comes out once, in order; the levels say exactly how many words are inside and how many fit.
`default_nettype none

module bus_fifo_bench #(
    parameter int unsigned DEPTH = 3,
    localparam int unsigned LEVEL_BITS = $clog2(DEPTH + 1)
) (
    input wire logic        clk_i,
    input wire logic        rst_i,
    input wire logic        choose_i,
    input wire logic [31:0] s_axis_tdata,
    input wire logic        s_axis_tvalid,
    input wire logic        m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [31:0] m_axis_tdata, word;
  logic [LEVEL_BITS-1:0] level_o, free_o;
  logic signed [$clog2(DEPTH + 2):0] level;

  qu_bus_fifo #(.DEPTH(DEPTH)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(32)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(32), .FRAMES(DEPTH)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));
  responds #(.CYCLES(3)) prompt (.clk_i, .rst_i(off), .due_i(level != '0), .event_i(m_axis_tvalid));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed) order : assert (seen && m_axis_tdata == word);
      capacity : assert (s_axis_tready == (32'(level) != DEPTH));
      levels : assert (32'(level_o) == 32'(level) && 32'(level_o) + 32'(free_o) == DEPTH);
      full : cover (32'(level) == DEPTH);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
