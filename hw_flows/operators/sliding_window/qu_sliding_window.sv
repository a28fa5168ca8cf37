// SPDX-License-Identifier: BSD-3-Clause
// Sliding window of a convolution: for each output pixel the kernel's rows, columns and channel folds of its input.
//
// With PARALLEL = 0 one word a cycle, KERNEL_H * KERNEL_W * FOLD cycles a window. With PARALLEL = 1 the whole window is one
// word: the line buffer is read column by column and neighbouring windows share their columns, so a window takes
// STRIDE_W * KERNEL_H cycles and a frame OUT_HEIGHT * WIDTH * KERNEL_H.
`default_nettype none

module qu_sliding_window #(
    parameter int unsigned WORD_BITS = 8,   // bits of an input word, at least 1
    parameter int unsigned FOLD      = 1,   // words of a pixel, at least 1; 1 with PARALLEL
    parameter int unsigned HEIGHT    = 4,   // rows of the input, at least KERNEL_H
    parameter int unsigned WIDTH     = 4,   // pixels of an input row, at least KERNEL_W
    parameter int unsigned KERNEL_H  = 3,   // at least 1
    parameter int unsigned KERNEL_W  = 3,   // at least 1
    parameter int unsigned STRIDE_H  = 1,   // at least 1
    parameter int unsigned STRIDE_W  = 1,   // at least 1
    parameter int unsigned DILATION_H = 1,  // at least 1; 1 with PARALLEL
    parameter int unsigned DILATION_W = 1,  // at least 1; 1 with PARALLEL
    parameter int unsigned DEPTH     = 16,  // words of the line buffer, more than what it must span (see qu_window_reader)
    parameter int unsigned BLOCK_RAM = 0,   // 1: line buffer in block memory, 0: in distributed memory
    parameter int unsigned PARALLEL  = 0    // 1: a word out is a whole window, 0: a word of it
) (
    input  wire logic                                                      clk_i,
    input  wire logic                                                      rst_i,
    input  wire logic [WORD_BITS-1:0]                                      s_axis_tdata,
    input  wire logic                                                      s_axis_tvalid,
    output      logic                                                      s_axis_tready,
    output      logic [(PARALLEL != 0 ? KERNEL_H*KERNEL_W : 1)*WORD_BITS-1:0] m_axis_tdata,
    output      logic                                                      m_axis_tvalid,
    input  wire logic                                                      m_axis_tready
);

  if (PARALLEL != 0 && (FOLD != 1 || DILATION_H != 1 || DILATION_W != 1)) begin : g_check_parallel
    $error("%m: FOLD (%0d), DILATION_H (%0d) and DILATION_W (%0d) must be 1 with PARALLEL", FOLD, DILATION_H, DILATION_W);
  end

  wire [WORD_BITS-1:0] word_tdata;
  wire word_tvalid, word_tready;

  qu_window_reader #(
      .WORD_BITS(WORD_BITS),
      .FOLD(FOLD),
      .HEIGHT(HEIGHT),
      .WIDTH(WIDTH),
      .KERNEL_H(KERNEL_H),
      .KERNEL_W(PARALLEL != 0 ? 1 : KERNEL_W),
      .STRIDE_H(STRIDE_H),
      .STRIDE_W(PARALLEL != 0 ? 1 : STRIDE_W),
      .DILATION_H(DILATION_H),
      .DILATION_W(DILATION_W),
      .DEPTH(DEPTH),
      .BLOCK_RAM(BLOCK_RAM)
  ) reader (
      .clk_i,
      .rst_i,
      .s_axis_tdata,
      .s_axis_tvalid,
      .s_axis_tready,
      .m_axis_tdata(word_tdata),
      .m_axis_tvalid(word_tvalid),
      .m_axis_tready(word_tready)
  );

  if (PARALLEL != 0) begin : g_parallel
    qu_column_window #(
        .WORD_BITS(WORD_BITS),
        .WIDTH(WIDTH),
        .KERNEL_H(KERNEL_H),
        .KERNEL_W(KERNEL_W),
        .STRIDE_W(STRIDE_W)
    ) windows (
        .clk_i,
        .rst_i,
        .s_axis_tdata(word_tdata),
        .s_axis_tvalid(word_tvalid),
        .s_axis_tready(word_tready),
        .m_axis_tdata,
        .m_axis_tvalid,
        .m_axis_tready
    );
  end else begin : g_serial
    assign m_axis_tdata  = word_tdata;
    assign m_axis_tvalid = word_tvalid;
    assign word_tready   = m_axis_tready;
  end

endmodule

`default_nettype wire
