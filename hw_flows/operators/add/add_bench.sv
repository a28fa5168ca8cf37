// SPDX-License-Identifier: BSD-3-Clause
// Add: each word out is made of the words that came in together, lane by lane.
`default_nettype none

module add_bench #(
    parameter int unsigned LANES = 1,
    parameter int unsigned BITS_0 = 2,
    parameter int unsigned SIGNED_0 = 0,
    parameter int FACTOR_0 = 1,
    parameter int unsigned BITS_1 = 2,
    parameter int unsigned SIGNED_1 = 0,
    parameter int FACTOR_1 = 1,
    parameter int unsigned OUT_BITS = 3
) (
    input wire logic                    clk_i,
    input wire logic                    rst_i,
    input wire logic                    choose_i,
    input wire logic [LANES*BITS_0-1:0] s0_axis_tdata,
    input wire logic                    s0_axis_tvalid,
    input wire logic [LANES*BITS_1-1:0] s1_axis_tdata,
    input wire logic                    s1_axis_tvalid,
    input wire logic                    m_axis_tready
);

  logic s0_axis_tready, s1_axis_tready, m_axis_tvalid, off, followed_0, followed_1, seen_0, seen_1;
  logic [LANES*OUT_BITS-1:0] m_axis_tdata;
  logic [LANES*BITS_0-1:0] word_0;
  logic [LANES*BITS_1-1:0] word_1;
  logic signed [2:0] ahead_0, ahead_1;

  qu_add #(
      .LANES(LANES), .BITS_0(BITS_0), .SIGNED_0(SIGNED_0), .FACTOR_0(FACTOR_0), .BITS_1(BITS_1), .SIGNED_1(SIGNED_1),
      .FACTOR_1(FACTOR_1), .OUT_BITS(OUT_BITS)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(LANES * BITS_0), .ASSUME(1)) s0_rules (
      .clk_i, .rst_i(off), .tdata(s0_axis_tdata), .tvalid(s0_axis_tvalid), .tready(s0_axis_tready));
  stream_rules #(.WORD_BITS(LANES * BITS_1), .ASSUME(1)) s1_rules (
      .clk_i, .rst_i(off), .tdata(s1_axis_tdata), .tvalid(s1_axis_tvalid), .tready(s1_axis_tready));
  stream_rules #(.WORD_BITS(LANES * OUT_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(LANES * BITS_0)) board_0 (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata(s0_axis_tdata), .s_axis_tvalid(s0_axis_tvalid),
      .s_axis_tready(s0_axis_tready), .m_axis_tvalid, .m_axis_tready, .followed_o(followed_0), .coming_o(), .seen_o(seen_0),
      .word_o(word_0), .in_index_o(), .out_index_o(), .ahead_o(ahead_0));
  scoreboard #(.WORD_BITS(LANES * BITS_1)) board_1 (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata(s1_axis_tdata), .s_axis_tvalid(s1_axis_tvalid),
      .s_axis_tready(s1_axis_tready), .m_axis_tvalid, .m_axis_tready, .followed_o(followed_1), .coming_o(), .seen_o(seen_1),
      .word_o(word_1), .in_index_o(), .out_index_o(), .ahead_o(ahead_1));

  responds #(.CYCLES(1)) prompt (.clk_i, .rst_i(off), .due_i(ahead_0 > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(s0_axis_tvalid && s1_axis_tvalid && m_axis_tready),
      .event_i(s0_axis_tready && s1_axis_tready));

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire sign_0 = SIGNED_0 != 0 && word_0[i*BITS_0+BITS_0-1];
    wire sign_1 = SIGNED_1 != 0 && word_1[i*BITS_1+BITS_1-1];
    wire signed [31:0] element_0 = {{(32 - BITS_0) {sign_0}}, word_0[i*BITS_0+:BITS_0]};
    wire signed [31:0] element_1 = {{(32 - BITS_1) {sign_1}}, word_1[i*BITS_1+:BITS_1]};
    wire signed [31:0] sum = FACTOR_0 * element_0 + FACTOR_1 * element_1;
    always_comb if (!off && m_axis_tvalid && followed_0 && followed_1)
      value : assert (seen_0 && seen_1 && m_axis_tdata[i*OUT_BITS+:OUT_BITS] == sum[OUT_BITS-1:0]);
  end

  always_comb begin
    if (!off) begin
      together : assert (ahead_0 == ahead_1 && followed_0 == followed_1);
      stall : cover (m_axis_tvalid && !m_axis_tready);
      one_waits : cover (s0_axis_tvalid && !s1_axis_tvalid);
      other_waits : cover (s1_axis_tvalid && !s0_axis_tvalid);
    end
  end

endmodule

`default_nettype wire
