// SPDX-License-Identifier: BSD-3-Clause
// Sliding window: for each output pixel the words of its window, kernel rows first, one a word or all in one. A frame is
// one image.
`default_nettype none

module sliding_window_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 2,
    parameter int unsigned WIDTH = 3,
    parameter int unsigned KERNEL_H = 2,
    parameter int unsigned KERNEL_W = 2,
    parameter int unsigned STRIDE_H = 1,
    parameter int unsigned STRIDE_W = 1,
    parameter int unsigned DILATION_H = 1,
    parameter int unsigned DILATION_W = 1,
    parameter int unsigned DEPTH = 6,
    parameter int unsigned BLOCK_RAM = 0,
    parameter int unsigned PARALLEL = 0,
    localparam int unsigned OUT_HEIGHT = (HEIGHT - (KERNEL_H - 1) * DILATION_H - 1) / STRIDE_H + 1,
    localparam int unsigned OUT_WIDTH = (WIDTH - (KERNEL_W - 1) * DILATION_W - 1) / STRIDE_W + 1,
    localparam int unsigned WINDOW = KERNEL_H * KERNEL_W * FOLD,
    localparam int unsigned LANES = PARALLEL != 0 ? KERNEL_H * KERNEL_W : 1,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WORDS = OUT_HEIGHT * OUT_WIDTH * WINDOW / LANES,
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [  IN_BITS-1:0] place_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);

  logic s_axis_tready, m_axis_tvalid, off;
  logic [LANES*WORD_BITS-1:0] m_axis_tdata;
  logic [OUT_BITS-1:0] out_index;
  logic [LANES*IN_BITS-1:0] source;
  logic [IN_BITS-1:0] need;

  qu_sliding_window #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .KERNEL_H(KERNEL_H), .KERNEL_W(KERNEL_W), .STRIDE_H(STRIDE_H), .STRIDE_W(STRIDE_W), .DILATION_H(DILATION_H), .DILATION_W(DILATION_W), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM), .PARALLEL(PARALLEL)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  map_rules #(
      .WORD_BITS(WORD_BITS), .LANES(LANES), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(3), .PROMPT(PARALLEL != 0 ? KERNEL_H * WIDTH + 4 : 3),
      .ACCEPT(IN_WORDS * WINDOW + 4)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(source), .zero_i('0), .need_i(need),
      .early_i(1'b0), .off_o(off));

  always_comb begin
    source = '0;
    need = '0;
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      automatic int unsigned y = i * LANES / WINDOW / OUT_WIDTH * STRIDE_H;
      automatic int unsigned x = i * LANES / WINDOW % OUT_WIDTH * STRIDE_W;
      if (out_index == OUT_BITS'(i)) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          automatic int unsigned k = (i * LANES + lane) % WINDOW;
          source[lane*IN_BITS+:IN_BITS] = IN_BITS'(((y + k / (KERNEL_W * FOLD) * DILATION_H) * WIDTH + x + k / FOLD % KERNEL_W * DILATION_W) * FOLD + k % FOLD);
        end
        need = IN_BITS'(((y + (KERNEL_H - 1) * DILATION_H) * WIDTH + x + (KERNEL_W - 1) * DILATION_W + 1) * FOLD);
      end
    end
  end

endmodule

`default_nettype wire
