// SPDX-License-Identifier: BSD-3-Clause
// Padding: rows and pixels of zeros around the image, and the image in its place.
`default_nettype none

module padding_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 1,
    parameter int unsigned WIDTH = 2,
    parameter int unsigned PAD_TOP = 1,
    parameter int unsigned PAD_LEFT = 1,
    parameter int unsigned PAD_BOTTOM = 1,
    parameter int unsigned PAD_RIGHT = 1,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WORDS = (PAD_TOP + HEIGHT + PAD_BOTTOM) * (PAD_LEFT + WIDTH + PAD_RIGHT) * FOLD,
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
  localparam int unsigned OUT_WIDTH = PAD_LEFT + WIDTH + PAD_RIGHT;

  logic s_axis_tready, m_axis_tvalid, off;
  logic [WORD_BITS-1:0] m_axis_tdata;
  logic [OUT_BITS-1:0] out_index;
  logic [IN_BITS-1:0] source;
  logic [IN_BITS-1:0] need;
  logic zero;

  qu_padding #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .PAD_TOP(PAD_TOP), .PAD_LEFT(PAD_LEFT), .PAD_BOTTOM(PAD_BOTTOM), .PAD_RIGHT(PAD_RIGHT)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  map_rules #(
      .WORD_BITS(WORD_BITS), .LANES(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .ACCEPT(OUT_WORDS + 3),
      .ZEROS(OUT_WORDS > IN_WORDS ? 1 : 0)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(source), .zero_i(zero), .need_i(need),
      .early_i(out_index != '0 || s_axis_tvalid), .off_o(off));

  always_comb begin
    source = '0;
    zero = 1'b1;
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      automatic int unsigned y = i / (OUT_WIDTH * FOLD);
      automatic int unsigned x = i / FOLD % OUT_WIDTH;
      if (out_index == OUT_BITS'(i) && y >= PAD_TOP && y < PAD_TOP + HEIGHT && x >= PAD_LEFT && x < PAD_LEFT + WIDTH) begin
        source = IN_BITS'(((y - PAD_TOP) * WIDTH + x - PAD_LEFT) * FOLD + i % FOLD);
        zero = 1'b0;
      end
    end
    need = zero ? '0 : source + 1'b1;
  end

endmodule

`default_nettype wire
