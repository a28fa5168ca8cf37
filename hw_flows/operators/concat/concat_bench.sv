// SPDX-License-Identifier: BSD-3-Clause
// Concat: FOLD_0 words of the first stream, then FOLD_1 of the second, each extended to the output's width.
`default_nettype none

module concat_bench #(
    parameter int unsigned LANES = 1,
    parameter int unsigned BITS_0 = 1,
    parameter int unsigned SIGNED_0 = 0,
    parameter int unsigned FOLD_0 = 1,
    parameter int unsigned BITS_1 = 2,
    parameter int unsigned SIGNED_1 = 0,
    parameter int unsigned FOLD_1 = 1,
    parameter int unsigned OUT_BITS = 2,
    localparam int unsigned PLACE_BITS_0 = $clog2(FOLD_0 + 1),
    localparam int unsigned PLACE_BITS_1 = $clog2(FOLD_1 + 1)
) (
    input wire logic                    clk_i,
    input wire logic                    rst_i,
    input wire logic                    choose_i,
    input wire logic [PLACE_BITS_0-1:0] place_0_i,
    input wire logic [PLACE_BITS_1-1:0] place_1_i,
    input wire logic [LANES*BITS_0-1:0] s0_axis_tdata,
    input wire logic                    s0_axis_tvalid,
    input wire logic [LANES*BITS_1-1:0] s1_axis_tdata,
    input wire logic                    s1_axis_tvalid,
    input wire logic                    m_axis_tready
);

  localparam int unsigned WORDS = FOLD_0 + FOLD_1;
  localparam int unsigned OUT_INDEX_BITS = $clog2(WORDS + 1);

  logic s0_axis_tready, s1_axis_tready, m_axis_tvalid, off, followed_0, followed_1, seen_0, seen_1;
  logic [LANES*OUT_BITS-1:0] m_axis_tdata, expected_0, expected_1;
  logic [LANES*BITS_0-1:0] word_0;
  logic [LANES*BITS_1-1:0] word_1;
  logic [OUT_INDEX_BITS-1:0] index;

  qu_concat #(
      .LANES(LANES), .BITS_0(BITS_0), .SIGNED_0(SIGNED_0), .FOLD_0(FOLD_0), .BITS_1(BITS_1), .SIGNED_1(SIGNED_1),
      .FOLD_1(FOLD_1), .OUT_BITS(OUT_BITS)) dut (.*);

  environment #(.CONSTANT_BITS(PLACE_BITS_0 + PLACE_BITS_1)) free (
      .clk_i, .rst_i, .constant_i({place_0_i, place_1_i}), .off_o(off));
  stream_rules #(.WORD_BITS(LANES * BITS_0), .ASSUME(1)) s0_rules (
      .clk_i, .rst_i(off), .tdata(s0_axis_tdata), .tvalid(s0_axis_tvalid), .tready(s0_axis_tready));
  stream_rules #(.WORD_BITS(LANES * BITS_1), .ASSUME(1)) s1_rules (
      .clk_i, .rst_i(off), .tdata(s1_axis_tdata), .tvalid(s1_axis_tvalid), .tready(s1_axis_tready));
  stream_rules #(.WORD_BITS(LANES * OUT_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(LANES * BITS_0), .IN_WORDS(FOLD_0), .OUT_WORDS(WORDS)) board_0 (
      .clk_i, .rst_i(off), .choose_i, .place_i(place_0_i), .s_axis_tdata(s0_axis_tdata), .s_axis_tvalid(s0_axis_tvalid),
      .s_axis_tready(s0_axis_tready), .m_axis_tvalid, .m_axis_tready, .followed_o(followed_0), .coming_o(), .seen_o(seen_0),
      .word_o(word_0), .in_index_o(), .out_index_o(index), .ahead_o());
  scoreboard #(.WORD_BITS(LANES * BITS_1), .IN_WORDS(FOLD_1), .OUT_WORDS(WORDS)) board_1 (
      .clk_i, .rst_i(off), .choose_i, .place_i(place_1_i), .s_axis_tdata(s1_axis_tdata), .s_axis_tvalid(s1_axis_tvalid),
      .s_axis_tready(s1_axis_tready), .m_axis_tvalid, .m_axis_tready, .followed_o(followed_1), .coming_o(), .seen_o(seen_1),
      .word_o(word_1), .in_index_o(), .out_index_o(), .ahead_o());

  wire from_0 = index < OUT_INDEX_BITS'(FOLD_0);
  responds #(.CYCLES(1)) prompt (
      .clk_i, .rst_i(off), .due_i(from_0 ? s0_axis_tvalid : s1_axis_tvalid), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready), .event_i(from_0 ? s0_axis_tready : s1_axis_tready));

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire sign_0 = SIGNED_0 != 0 && word_0[i*BITS_0+BITS_0-1];
    wire sign_1 = SIGNED_1 != 0 && word_1[i*BITS_1+BITS_1-1];
    wire [2*OUT_BITS-1:0] long_0 = {{(2 * OUT_BITS - BITS_0) {sign_0}}, word_0[i*BITS_0+:BITS_0]};
    wire [2*OUT_BITS-1:0] long_1 = {{(2 * OUT_BITS - BITS_1) {sign_1}}, word_1[i*BITS_1+:BITS_1]};
    assign expected_0[i*OUT_BITS+:OUT_BITS] = long_0[OUT_BITS-1:0];
    assign expected_1[i*OUT_BITS+:OUT_BITS] = long_1[OUT_BITS-1:0];
  end

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed_0 && index == OUT_INDEX_BITS'(place_0_i))
        order_0 : assert (seen_0 && m_axis_tdata == expected_0);
      if (m_axis_tvalid && followed_1 && index == OUT_INDEX_BITS'(place_1_i) + OUT_INDEX_BITS'(FOLD_0))
        order_1 : assert (seen_1 && m_axis_tdata == expected_1);
      one_at_a_time : assert (!(s0_axis_tready && s1_axis_tready));
      stall : cover (m_axis_tvalid && !m_axis_tready);
      second_stream : cover (s1_axis_tvalid && s1_axis_tready);
    end
  end

endmodule

`default_nettype wire
