// SPDX-License-Identifier: BSD-3-Clause
// Block matrix-vector unit, 1x1: every one-bit pixel times the weight of each output, plus 1 for each pass, reaches the output's
// threshold or does not. A frame in is the pixels, a frame out for each of them its outputs; weights and thresholds are free
// constants, which the stream repeats for every block.
//
// This is about the streams, the order of passes, banks and blocks; windows are block_reader_bench's, the arithmetic simulation's.
`default_nettype none

module block_matrix_vector_bench #(
    parameter int unsigned HEIGHT = 2,
    parameter int unsigned ROWS = 1,
    parameter int unsigned GROUPS = 2,
    parameter int unsigned OUT_BLOCKS = 1,
    parameter int unsigned BUFFER_ROWS = 2,
    parameter int unsigned FOLD = 1,
    parameter int unsigned PROMPT = 40,
    parameter int unsigned FRAMES = 4,
    localparam int unsigned WIDTH = 3,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WORDS = HEIGHT * WIDTH * GROUPS,
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1),
    localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1)
) (
    input wire logic                clk_i,
    input wire logic                rst_i,
    input wire logic                choose_i,
    input wire logic [ IN_BITS-1:0] place_i,
    input wire logic [GROUPS*2-1:0] weights_i,     // free constant: a weight of each output, of the pixel's last word
    input wire logic [GROUPS*3-1:0] thresholds_i,  // free constant
    input wire logic [         0:0] s_axis_tdata,
    input wire logic                s_axis_tvalid,
    input wire logic                weights_tvalid,
    input wire logic                m_axis_tready
);

  logic s_axis_tready, weights_tready, m_axis_tvalid, off, followed, seen;
  logic [0:0] m_axis_tdata, word;
  logic [2:0] weights_tdata;
  logic [OUT_BITS-1:0] out_index;
  logic signed [$clog2(FRAMES + 2):0] ahead;

  qu_block_matrix_vector #(
      .HEIGHT(HEIGHT), .WIDTH(WIDTH), .LANES(1), .FOLD(FOLD), .KERNEL_H(1), .KERNEL_W(1), .COLUMNS(1), .PE(1),
      .GROUPS(GROUPS), .IN_BITS(1), .IN_SIGNED(0), .WEIGHT_BITS(2), .ACC_BITS(3), .STEP_BITS(1), .OUT_BITS(1), .BIAS(0),
      .USE_DSP(1), .CHAIN(1), .ROWS(ROWS), .BUFFER_ROWS(BUFFER_ROWS), .OUT_BLOCKS(OUT_BLOCKS), .STREAM_BITS(3),
      .ROWS_BEFORE(1)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .weights_tdata, .weights_tvalid, .weights_tready,
      .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(IN_BITS + GROUPS * 5)) free (
      .clk_i, .rst_i, .constant_i({place_i, weights_i, thresholds_i}), .off_o(off));
  stream_rules #(.WORD_BITS(1), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(3), .ASSUME(1)) weights_rules (
      .clk_i, .rst_i(off), .tdata(weights_tdata), .tvalid(weights_tvalid), .tready(weights_tready));
  stream_rules #(.WORD_BITS(1)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(),
      .out_index_o(out_index), .ahead_o(ahead));
  responds #(.CYCLES(PROMPT)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 && weights_tvalid), .event_i(m_axis_tvalid));
  responds #(.CYCLES(PROMPT)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid && weights_tvalid), .event_i(s_axis_tready));

  // The stream of a group: its threshold, then a weight for each word of a pixel, 0 for all but the last.
  localparam int unsigned ITEMS = FOLD + 1;
  localparam int unsigned ITEM_BITS = $clog2(ITEMS + 1);
  localparam int unsigned GROUP_BITS = $clog2(GROUPS + 1);
  logic [ITEM_BITS-1:0] item;
  logic [GROUP_BITS-1:0] group;
  wire item_last = item == ITEM_BITS'(ITEMS - 1);
  always_ff @(posedge clk_i) begin
    if (off) begin
      item <= '0;
      group <= '0;
    end else if (weights_tvalid && weights_tready) begin
      item <= item_last ? '0 : item + 1'b1;
      if (item_last) group <= group == GROUP_BITS'(GROUPS - 1) ? '0 : group + 1'b1;
    end
  end
  always_comb begin
    if (item == '0) weights_tdata = thresholds_i[group*3+:3];
    else if (item_last) weights_tdata = {1'b0, weights_i[group*2+:2]};
    else weights_tdata = '0;
  end

  // What is followed is the last word of a pixel.
  wire [OUT_BITS-1:0] pixel = out_index / OUT_BITS'(GROUPS);
  wire [GROUP_BITS-1:0] output_group = GROUP_BITS'(out_index % OUT_BITS'(GROUPS));
  wire signed [1:0] weight = weights_i[output_group*2+:2];
  wire signed [2:0] threshold = thresholds_i[output_group*3+:3];
  wire signed [3:0] sum = (word[0] ? 4'(weight) : 4'sd0) + 4'(FOLD);
  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed && IN_BITS'(pixel) * IN_BITS'(FOLD) + IN_BITS'(FOLD - 1) == place_i)
        product : assert (seen && m_axis_tdata[0] == (sum >= 4'(threshold)));
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
