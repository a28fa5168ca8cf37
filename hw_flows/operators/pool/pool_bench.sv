// SPDX-License-Identifier: BSD-3-Clause
// Pool: each output element is the largest of its window's pixels that lie in the image, or their sum. One window is followed.
`default_nettype none

module pool_bench #(
    parameter int unsigned IN_BITS = 2,
    parameter int unsigned IS_SIGNED = 0,
    parameter int unsigned ROW_SUM_BITS = 2,
    parameter int unsigned ROW_BITS = 2,
    parameter int unsigned SUM_BITS = 2,
    parameter int unsigned OUT_BITS = 2,
    parameter int unsigned SUM = 0,
    parameter int unsigned MULTIPLE_H = 0,
    parameter int unsigned MULTIPLE_W = 0,
    parameter int unsigned LANES = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 1,
    parameter int unsigned WIDTH = 4,
    parameter int unsigned KERNEL_H = 1,
    parameter int unsigned KERNEL_W = 3,
    parameter int unsigned STRIDE_H = 1,
    parameter int unsigned STRIDE_W = 2,
    parameter int unsigned PAD_TOP = 0,
    parameter int unsigned PAD_LEFT = 1,
    parameter int unsigned OUT_HEIGHT = 1,
    parameter int unsigned OUT_WIDTH = 2,
    parameter int unsigned BLOCK_ROW = 0,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned OUT_WORDS = OUT_HEIGHT * OUT_WIDTH * FOLD,
    localparam int unsigned PLACE_BITS = $clog2(OUT_WORDS + 1)
) (
    input wire logic                     clk_i,
    input wire logic                     rst_i,
    input wire logic                     choose_i,
    input wire logic [   PLACE_BITS-1:0] window_i,  // free constant: the followed output word of a frame
    input wire logic [LANES*IN_BITS-1:0] s_axis_tdata,
    input wire logic                     s_axis_tvalid,
    input wire logic                     m_axis_tready
);

  localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD;
  localparam int unsigned COUNT_BITS = $clog2(IN_WORDS + 1);
  // Cycles in which windows are finished that reach behind a row or below the image.
  localparam int unsigned END_W = (OUT_WIDTH - 1) * STRIDE_W + KERNEL_W - PAD_LEFT;
  localparam int unsigned END_H = (OUT_HEIGHT - 1) * STRIDE_H + KERNEL_H - PAD_TOP;
  localparam int unsigned BEHIND =
      (END_W > WIDTH ? END_W - WIDTH : 0) * FOLD + (END_H > HEIGHT ? END_H - HEIGHT : 0) * OUT_WIDTH * FOLD;

  logic s_axis_tready, m_axis_tvalid, off, followed, coming, within_window;
  logic [LANES*OUT_BITS-1:0] m_axis_tdata, result;
  logic [PLACE_BITS-1:0] out_index;
  logic [COUNT_BITS-1:0] in_index, need, size;
  int unsigned weight;  // of the followed window: both multiples over its number of pixels
  logic [COUNT_BITS-1:0] collected;  // words of the window so far
  logic signed [3:0] ahead;

  qu_pool #(
      .IN_BITS(IN_BITS), .IS_SIGNED(IS_SIGNED), .ROW_SUM_BITS(ROW_SUM_BITS), .ROW_BITS(ROW_BITS), .SUM_BITS(SUM_BITS),
      .OUT_BITS(OUT_BITS), .SUM(SUM), .MULTIPLE_H(MULTIPLE_H), .MULTIPLE_W(MULTIPLE_W), .LANES(LANES), .FOLD(FOLD),
      .HEIGHT(HEIGHT), .WIDTH(WIDTH), .KERNEL_H(KERNEL_H), .KERNEL_W(KERNEL_W), .STRIDE_H(STRIDE_H), .STRIDE_W(STRIDE_W),
      .PAD_TOP(PAD_TOP), .PAD_LEFT(PAD_LEFT), .OUT_HEIGHT(OUT_HEIGHT), .OUT_WIDTH(OUT_WIDTH), .BLOCK_ROW(BLOCK_ROW),
      .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(PLACE_BITS)) free (.clk_i, .rst_i, .constant_i(window_i), .off_o(off));
  stream_rules #(.WORD_BITS(LANES * IN_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(LANES * OUT_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(LANES * IN_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(3)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i('0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(), .word_o(), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));

  // Whether the window at `place` begins at or before `position`, and ends at or behind it.
  function automatic bit has(
      input int unsigned position, input int unsigned place, input int unsigned kernel, input int unsigned stride,
      input int unsigned pad);
    return position + pad >= place * stride && position + pad < place * stride + kernel;
  endfunction

  always_comb begin
    within_window = 1'b0;
    need = '0;
    size = '0;
    for (int unsigned window = 0; window < OUT_WORDS; window++) begin
      for (int unsigned i = 0; i < IN_WORDS; i++) begin
        if (i % FOLD == window % FOLD && has(i / FOLD / WIDTH, window / FOLD / OUT_WIDTH, KERNEL_H, STRIDE_H, PAD_TOP)
            && has(i / FOLD % WIDTH, window / FOLD % OUT_WIDTH, KERNEL_W, STRIDE_W, PAD_LEFT)) begin
          if (window_i == PLACE_BITS'(window)) begin
            size = size + 1'b1;
            if (in_index == COUNT_BITS'(i)) within_window = 1'b1;
          end
          if (out_index == PLACE_BITS'(window)) need = COUNT_BITS'(i + 1);
        end
      end
      // What reaches behind a row, or below the image, is finished when all of that has come.
      if (out_index == PLACE_BITS'(window)) begin
        if (window / FOLD % OUT_WIDTH * STRIDE_W + KERNEL_W > WIDTH + PAD_LEFT)
          need = COUNT_BITS'(window / FOLD / OUT_WIDTH * STRIDE_H + KERNEL_H - PAD_TOP) * COUNT_BITS'(WIDTH * FOLD);
        if (window / FOLD / OUT_WIDTH * STRIDE_H + KERNEL_H > HEIGHT + PAD_TOP) need = COUNT_BITS'(IN_WORDS);
      end
    end
  end

  always_comb begin
    weight = 1;
    for (int unsigned pixels = 1; pixels <= IN_WORDS; pixels++) begin
      if (size == COUNT_BITS'(pixels)) weight = MULTIPLE_H * MULTIPLE_W / pixels;
    end
  end

  wire beginning = in_index == '0 || collected == '0;
  always_ff @(posedge clk_i) begin
    if (off) collected <= '0;
    else if (coming && s_axis_tvalid && s_axis_tready) begin
      if (in_index == '0) collected <= COUNT_BITS'(within_window);
      else collected <= collected + COUNT_BITS'(within_window);
    end
  end
  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire [IN_BITS-1:0] element = s_axis_tdata[i*IN_BITS+:IN_BITS];
    wire [OUT_BITS-1:0] extended = IS_SIGNED != 0 ? OUT_BITS'($signed(element)) : OUT_BITS'(element);
    wire [OUT_BITS-1:0] so_far = result[i*OUT_BITS+:OUT_BITS];
    wire [OUT_BITS-1:0] weighted = MULTIPLE_W == 0 ? extended : extended * OUT_BITS'(weight);
    wire greater = IS_SIGNED != 0 ? $signed(extended) > $signed(so_far) : extended > so_far;
    always_ff @(posedge clk_i) begin
      if (coming && s_axis_tvalid && s_axis_tready && within_window) begin
        if (SUM != 0) result[i*OUT_BITS+:OUT_BITS] <= (beginning ? '0 : so_far) + weighted;
        else if (beginning || greater) result[i*OUT_BITS+:OUT_BITS] <= extended;
      end
    end
  end

  responds #(.CYCLES(BEHIND + 4)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 || (ahead == 0 && in_index >= need)), .event_i(m_axis_tvalid));
  responds #(.CYCLES(BEHIND + 4)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  always_comb begin
    assume (window_i < PLACE_BITS'(OUT_WORDS));
    if (!off) begin
      if (m_axis_tvalid && followed && out_index == window_i) pooled : assert (collected == size && m_axis_tdata == result);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
