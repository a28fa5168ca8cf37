// SPDX-License-Identifier: BSD-3-Clause
// Thresholding: every element becomes the number of thresholds that it reaches, words in order. A frame is one group of
// words, each with thresholds of its own.
//
// The files of thresholds are in the list of benches, operators.py.
`default_nettype none

module thresholding_bench #(
    parameter int unsigned FOLD = 2,
    parameter int unsigned WITHIN_STAGES = 1,
    parameter int unsigned BLOCK_STAGES = 0,
    localparam int unsigned IN_BITS = $clog2(FOLD + 1)
) (
    input wire logic               clk_i,
    input wire logic               rst_i,
    input wire logic               choose_i,
    input wire logic [IN_BITS-1:0] place_i,
    input wire logic [        2:0] s_axis_tdata,
    input wire logic               s_axis_tvalid,
    input wire logic               m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [1:0] m_axis_tdata, expected;
  logic [2:0] word;
  logic [IN_BITS-1:0] out_index;
  logic signed [3:0] ahead;

  qu_thresholding #(
      .PE(1), .FOLD(FOLD), .STEP_BITS(2), .IN_BITS(3), .IN_SIGNED(1), .OUT_BITS(2), .BIAS(0),
      .WITHIN_STAGES(WITHIN_STAGES), .BLOCK_STAGES(BLOCK_STAGES), .MEMORY_PREFIX($sformatf("proof_%0d", FOLD))) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(IN_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(3), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(2)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(3), .IN_WORDS(FOLD), .OUT_WORDS(FOLD), .FRAMES(4)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(),
      .out_index_o(out_index), .ahead_o(ahead));
  responds #(.CYCLES(5)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready), .event_i(s_axis_tready));

  // Thresholds of group 0: -2, 0, 3; of group 1: -3, 1, none.
  wire signed [2:0] value = word;
  always_comb begin
    if (place_i == '0) expected = 2'(value >= -2) + 2'(value >= 0) + 2'(value >= 3);
    else expected = 2'(value >= -3) + 2'(value >= 1);
    if (!off) begin
      if (m_axis_tvalid && followed && out_index == place_i) order : assert (seen && m_axis_tdata == expected);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
