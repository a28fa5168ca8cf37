// SPDX-License-Identifier: BSD-3-Clause
// Vector-vector unit: every window of two taps of two channels of one bit times (1, -1) and (-2, 1), words in order; or, with
// GROUP = 2, of one tap of a group of two channels. A frame is one window.
//
// The files of weights and biases are in the list of benches, proof.py.
`default_nettype none

module vector_vector_bench #(
    parameter int unsigned GROUP = 1,
    parameter int unsigned PE = 1,  // 1 with GROUP = 2, as SIMD
    parameter int unsigned SIMD = 1,
    parameter int unsigned BLOCK_WEIGHTS = 0,
    parameter int unsigned BLOCK_SUMS = 0
) (
    input wire logic                     clk_i,
    input wire logic                     rst_i,
    input wire logic                     choose_i,
    input wire logic                     channel_i,  // free constant: the followed channel
    input wire logic [GROUP*PE*SIMD-1:0] s_axis_tdata,
    input wire logic                     s_axis_tvalid,
    input wire logic                     m_axis_tready
);

  localparam int unsigned BITS = 4;
  localparam int unsigned BITS_IN = GROUP * PE * SIMD;
  localparam int unsigned SUMS = GROUP * PE;
  localparam int unsigned IN_WORDS = (GROUP == 2 ? 2 : 4) / BITS_IN;
  localparam int unsigned OUT_WORDS = 2 / SUMS;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);
  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);

  logic s_axis_tready, m_axis_tvalid, off, followed, coming;
  logic [SUMS*BITS-1:0] m_axis_tdata;
  logic [BITS-1:0] sum;
  logic [IN_BITS-1:0] in_index, came;  // words of the followed window
  logic [OUT_BITS-1:0] out_index;
  logic [3:0] elements;  // of it, both channels of the first tap lowest
  logic signed [4:0] ahead;

  qu_vector_vector #(
      .GROUPS(2 / GROUP), .GROUP_IN(GROUP), .GROUP_OUT(GROUP), .TAPS(2 / GROUP), .PE(PE), .SIMD(SIMD), .IN_BITS(1), .IN_SIGNED(0), .WEIGHT_BITS(2), .OUT_BITS(BITS),
      .CHAIN(SIMD * GROUP), .BIAS_BITS(BITS), .BLOCK_WEIGHTS(BLOCK_WEIGHTS), .BLOCK_SUMS(BLOCK_SUMS),
      .MEMORY_PREFIX($sformatf("proof_%0d_%0d_%0d", GROUP, PE, SIMD))) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(1)) free (.clk_i, .rst_i, .constant_i(channel_i), .off_o(off));
  stream_rules #(.WORD_BITS(BITS_IN), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(SUMS * BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(BITS_IN), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(8)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i('0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(), .word_o(), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));
  responds #(.CYCLES(6)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(2)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  always_ff @(posedge clk_i) begin
    if (off) came <= '0;
    else if (coming && s_axis_tvalid && s_axis_tready) begin
      came <= in_index + 1'b1;
      for (int unsigned i = 0; i < IN_WORDS; i++) begin
        if (in_index == IN_BITS'(i)) elements[i*BITS_IN+:BITS_IN] <= s_axis_tdata;
      end
    end
  end

  wire [BITS-1:0] x = BITS'(GROUP == 1 && channel_i ? elements[1] : elements[0]);
  wire [BITS-1:0] y = BITS'(GROUP == 2 ? elements[1] : channel_i ? elements[3] : elements[2]);
  wire complete = came == IN_BITS'(IN_WORDS) || (SUMS == 1 && !channel_i && came == IN_BITS'(IN_WORDS - 1));
  always_comb begin
    sum = channel_i ? y - (x << 1) : x - y;
    if (!off) begin
      if (m_axis_tvalid && followed && (SUMS == 2 || out_index[0] == channel_i))
        product : assert (complete && (SUMS == 2 && channel_i ? m_axis_tdata[SUMS*BITS-1-:BITS] : m_axis_tdata[BITS-1:0]) == sum);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
