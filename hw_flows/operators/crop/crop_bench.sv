// SPDX-License-Identifier: BSD-3-Clause
// Crop: the pixels of the window, in their order, and no others.
`default_nettype none

module crop_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 3,
    parameter int unsigned WIDTH = 3,
    parameter int unsigned CROP_TOP = 1,
    parameter int unsigned CROP_LEFT = 1,
    parameter int unsigned CROP_BOTTOM = 1,
    parameter int unsigned CROP_RIGHT = 1,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WIDTH = WIDTH - CROP_LEFT - CROP_RIGHT,
    localparam int unsigned OUT_WORDS = (HEIGHT - CROP_TOP - CROP_BOTTOM) * OUT_WIDTH * FOLD,
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
  logic [WORD_BITS-1:0] m_axis_tdata;
  logic [OUT_BITS-1:0] out_index;
  logic [IN_BITS-1:0] source;

  qu_crop #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .CROP_TOP(CROP_TOP), .CROP_LEFT(CROP_LEFT), .CROP_BOTTOM(CROP_BOTTOM), .CROP_RIGHT(CROP_RIGHT)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  map_rules #(
      .WORD_BITS(WORD_BITS), .LANES(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .ACCEPT(2)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(source), .zero_i(1'b0), .need_i(source + 1'b1),
      .early_i(1'b0), .off_o(off));

  always_comb begin
    source = '0;
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      automatic int unsigned y = i / (OUT_WIDTH * FOLD) + CROP_TOP;
      automatic int unsigned x = i / FOLD % OUT_WIDTH + CROP_LEFT;
      if (out_index == OUT_BITS'(i)) source = IN_BITS'((y * WIDTH + x) * FOLD + i % FOLD);
    end
  end

endmodule

`default_nettype wire
