// SPDX-License-Identifier: BSD-3-Clause
// Fork: every output gives every word once, in order.
`default_nettype none

module fork_bench #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned OUTPUTS = 2
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic [  OUTPUTS-1:0] m_axis_tready
);

  logic s_axis_tready, off;
  logic [OUTPUTS-1:0] m_axis_tvalid;
  logic [OUTPUTS*WORD_BITS-1:0] m_axis_tdata;

  qu_fork_stream #(.WORD_BITS(WORD_BITS), .OUTPUTS(OUTPUTS)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(s_axis_tvalid && (&m_axis_tready)), .event_i(s_axis_tready));

  for (genvar i = 0; i < OUTPUTS; i++) begin : g_output
    logic followed, seen;
    logic [WORD_BITS-1:0] word;
    logic signed [2:0] ahead;
    wire [WORD_BITS-1:0] tdata = m_axis_tdata[i*WORD_BITS+:WORD_BITS];

    stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
        .clk_i, .rst_i(off), .tdata, .tvalid(m_axis_tvalid[i]), .tready(m_axis_tready[i]));
    scoreboard #(.WORD_BITS(WORD_BITS)) board (
        .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
        .m_axis_tvalid(m_axis_tvalid[i]), .m_axis_tready(m_axis_tready[i]), .followed_o(followed), .coming_o(), .seen_o(seen),
        .word_o(word), .in_index_o(), .out_index_o(), .ahead_o(ahead));
    // An output that has the word that still waits is one ahead of the input; never is a word owed.
    responds #(.CYCLES(1)) prompt (
        .clk_i, .rst_i(off), .due_i(s_axis_tvalid && ahead == '0), .event_i(m_axis_tvalid[i]));

    always_comb begin
      if (!off) begin
        if (m_axis_tvalid[i] && followed) order : assert (seen && tdata == word);
        no_debt : assert (ahead <= 0);
        stall : cover (m_axis_tvalid[i] && !m_axis_tready[i]);
        if (OUTPUTS > 1) first_of_all : cover (ahead < 0);
      end
    end
  end

endmodule

`default_nettype wire
