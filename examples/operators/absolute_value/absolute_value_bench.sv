// SPDX-License-Identifier: BSD-3-Clause
// Absolute value: each word out is that of the word in, lane by lane, in order.
`default_nettype none

module absolute_value_bench #(
    parameter int unsigned ELEMENT_BITS = 3,
    parameter int unsigned LANES = 2,
    localparam int unsigned WORD_BITS = ELEMENT_BITS * LANES
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [WORD_BITS-1:0] m_axis_tdata, word;
  logic signed [2:0] ahead;

  qu_absolute_value #(.ELEMENT_BITS(ELEMENT_BITS), .LANES(LANES)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(ahead));
  responds #(.CYCLES(1)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(s_axis_tvalid && m_axis_tready), .event_i(s_axis_tready));

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire signed [ELEMENT_BITS-1:0] given = word[i*ELEMENT_BITS+:ELEMENT_BITS];
    wire [ELEMENT_BITS:0] magnitude = given < 0 ? (ELEMENT_BITS + 1)'(-32'(given)) : {1'b0, given};
    always_comb if (!off && m_axis_tvalid && followed)
      value : assert (seen && {1'b0, m_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS]} == magnitude);
  end

  always_comb begin
    if (!off) stall : cover (m_axis_tvalid && !m_axis_tready);
  end

endmodule

`default_nettype wire
