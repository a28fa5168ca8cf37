// SPDX-License-Identifier: BSD-3-Clause
// Upsampling: each pixel of a row SCALE_W times, each row SCALE_H times. A frame is one input row.
`default_nettype none

module upsample_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned WIDTH = 2,
    parameter int unsigned SCALE_H = 2,
    parameter int unsigned SCALE_W = 2,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned IN_WORDS = WIDTH * FOLD,
    localparam int unsigned OUT_WORDS = WIDTH * FOLD * SCALE_H * SCALE_W,
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
  logic [IN_BITS-1:0] need;

  qu_upsample #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .WIDTH(WIDTH), .SCALE_H(SCALE_H), .SCALE_W(SCALE_W), .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  map_rules #(
      .WORD_BITS(WORD_BITS), .LANES(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .ACCEPT(OUT_WORDS + 3)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(source), .zero_i(1'b0), .need_i(need),
      .early_i(1'b0), .off_o(off));

  always_comb begin
    source = '0;
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      if (out_index == OUT_BITS'(i)) source = IN_BITS'(i / (FOLD * SCALE_W) % WIDTH * FOLD + i % FOLD);
    end
    need = source + 1'b1;
  end

endmodule

`default_nettype wire
