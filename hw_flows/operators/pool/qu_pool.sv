// SPDX-License-Identifier: BSD-3-Clause
// Pooling of an image: the largest element of each window, the sum, or a multiple of the average. Windows may overlap and reach
// over the borders, where only the pixels that are there count.
//
// First along rows, each word a pixel's fold; then along columns, each word one of a row's results. So no pixel is kept, only
// partial results of windows that are open, and a word comes in every cycle (see qu_pool_axis for what a border adds).
// s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_pool #(
    parameter int unsigned IN_BITS    = 8,  // bits of an input element, at least 1
    parameter int unsigned IS_SIGNED  = 0,  // 1: elements in two's complement
    parameter int unsigned ROW_SUM_BITS = 8,  // bits of a partial result of a window's row, at least IN_BITS
    parameter int unsigned ROW_BITS   = 8,  // bits of its result, ROW_SUM_BITS unless there is a MULTIPLE_W
    parameter int unsigned SUM_BITS   = 8,  // bits of a partial result of a window, at least ROW_BITS
    parameter int unsigned OUT_BITS   = 8,  // bits of an output element, SUM_BITS unless there is a MULTIPLE_H
    parameter int unsigned SUM        = 0,  // 1: sums, 0: maxima
    parameter int unsigned MULTIPLE_H = 0,  // common multiple of the rows of the windows that lie in the image; 0: sums
    parameter int unsigned MULTIPLE_W = 0,  // the same of their columns
    parameter int unsigned LANES      = 1,  // elements of a word, at least 1
    parameter int unsigned FOLD       = 1,  // words of a pixel, at least 1
    parameter int unsigned HEIGHT     = 4,  // rows of the input, at least 1
    parameter int unsigned WIDTH      = 4,  // pixels of an input row, at least 1
    parameter int unsigned KERNEL_H   = 3,  // at least 1
    parameter int unsigned KERNEL_W   = 3,  // at least 1
    parameter int unsigned STRIDE_H   = 2,  // at least 1
    parameter int unsigned STRIDE_W   = 2,  // at least 1
    parameter int unsigned PAD_TOP    = 1,  // rows of the first windows above the image, less than KERNEL_H
    parameter int unsigned PAD_LEFT   = 1,  // pixels of the first window before the row, less than KERNEL_W
    parameter int unsigned OUT_HEIGHT = 2,  // rows of the output; the last windows may reach below the image
    parameter int unsigned OUT_WIDTH  = 2,  // pixels of an output row
    parameter int unsigned BLOCK_ROW  = 0,  // 1: partial results of a window's row in block memory, 0: in distributed memory
    parameter int unsigned BLOCK_RAM  = 0   // the same for those of whole windows
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [ LANES*IN_BITS-1:0] s_axis_tdata,
    input  wire logic                      s_axis_tvalid,
    output      logic                      s_axis_tready,
    output      logic [LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  wire [LANES*ROW_BITS-1:0] row_tdata;
  wire row_tvalid, row_tready;

  qu_pool_axis #(
      .IN_BITS(IN_BITS), .IS_SIGNED(IS_SIGNED), .SUM_BITS(ROW_SUM_BITS), .OUT_BITS(ROW_BITS), .SUM(SUM),
      .MULTIPLE(MULTIPLE_W), .LANES(LANES), .INNER(FOLD), .EXTENT(WIDTH),
      .KERNEL(KERNEL_W), .STRIDE(STRIDE_W), .PAD(PAD_LEFT), .WINDOWS(OUT_WIDTH), .BLOCK_RAM(BLOCK_ROW)) along_row (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata(row_tdata), .m_axis_tvalid(row_tvalid),
      .m_axis_tready(row_tready));

  qu_pool_axis #(
      .IN_BITS(ROW_BITS), .IS_SIGNED(IS_SIGNED), .SUM_BITS(SUM_BITS), .OUT_BITS(OUT_BITS), .SUM(SUM),
      .MULTIPLE(MULTIPLE_H), .LANES(LANES), .INNER(OUT_WIDTH * FOLD),
      .EXTENT(HEIGHT), .KERNEL(KERNEL_H), .STRIDE(STRIDE_H), .PAD(PAD_TOP), .WINDOWS(OUT_HEIGHT), .BLOCK_RAM(BLOCK_RAM)) along_column (
      .clk_i, .rst_i, .s_axis_tdata(row_tdata), .s_axis_tvalid(row_tvalid), .s_axis_tready(row_tready), .m_axis_tdata,
      .m_axis_tvalid, .m_axis_tready);

endmodule

`default_nettype wire
