// SPDX-License-Identifier: BSD-3-Clause
// Padding by the image's own pixels: every output word is the input word that its place is mirrored to, or held at.
`default_nettype none

module edge_padding_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 2,
    parameter int unsigned WIDTH = 2,
    parameter int unsigned PAD_TOP = 1,
    parameter int unsigned PAD_LEFT = 1,
    parameter int unsigned PAD_BOTTOM = 1,
    parameter int unsigned PAD_RIGHT = 1,
    parameter int unsigned REFLECT = 1,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WIDTH = PAD_LEFT + WIDTH + PAD_RIGHT,
    localparam int unsigned OUT_WORDS = (PAD_TOP + HEIGHT + PAD_BOTTOM) * OUT_WIDTH * FOLD,
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

  // The input pixel of an output pixel along one axis.
  function automatic int unsigned source_of(int unsigned target, int unsigned pad, int unsigned pixels);
    if (target < pad) return REFLECT != 0 ? pad - target : 0;
    if (target >= pad + pixels) return REFLECT != 0 ? 2 * (pixels - 1) + pad - target : pixels - 1;
    return target - pad;
  endfunction

  logic s_axis_tready, m_axis_tvalid, off;
  logic [WORD_BITS-1:0] m_axis_tdata;
  logic [OUT_BITS-1:0] out_index;
  logic [IN_BITS-1:0] source, need;

  qu_edge_padding #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .PAD_TOP(PAD_TOP), .PAD_LEFT(PAD_LEFT), .PAD_BOTTOM(PAD_BOTTOM), .PAD_RIGHT(PAD_RIGHT), .REFLECT(REFLECT), .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  // Whole pixels are let through; a buffer of more rows than a small image has holds several frames.
  map_rules #(
      .WORD_BITS(WORD_BITS), .LANES(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(4), .ACCEPT(OUT_WORDS + 3)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(source), .zero_i(1'b0), .need_i(need),
      .early_i(1'b0), .off_o(off));

  always_comb begin
    source = '0;
    need = '0;
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      automatic int unsigned y = source_of(i / (OUT_WIDTH * FOLD), PAD_TOP, HEIGHT);
      automatic int unsigned x = source_of(i / FOLD % OUT_WIDTH, PAD_LEFT, WIDTH);
      if (out_index == OUT_BITS'(i)) begin
        source = IN_BITS'((y * WIDTH + x) * FOLD + i % FOLD);
        need = IN_BITS'((y * WIDTH + x + 1) * FOLD);
      end
    end
  end

endmodule

`default_nettype wire
