// SPDX-License-Identifier: BSD-3-Clause
// First-in first-out buffer between two AXI-Streams: holds exactly DEPTH words.
//
// Both sides are independent: neither s_axis_tready nor m_axis_tvalid depends combinationally on the other side, so the
// FIFO cuts every handshake path. One word a cycle in and out at once from DEPTH = 2 on (DEPTH = 1 can only alternate).
// An accepted word counts until it is handed out, wherever it is kept.
`default_nettype none

module qu_fifo #(
    parameter int unsigned WORD_BITS = 8,     // bits of a word, at least 1
    parameter int unsigned DEPTH = 2,     // capacity in words, at least 1 (STYLE 2: at least 3)
    parameter int unsigned STYLE = 0,     // 0 shift register, 1 distributed memory, 2 block memory
    parameter int unsigned SCATTERED = 0  // 1: cheaper addresses, in a memory of 2**$clog2(DEPTH) places (STYLE 2)
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  if (WORD_BITS < 1) begin : g_check_width
    $error("%m: WORD_BITS must be at least 1");
  end
  if (DEPTH < (STYLE == 2 ? 3 : 1)) begin : g_check_depth
    $error("%m: DEPTH (%0d) must be at least 1, with block memory at least 3", DEPTH);
  end
  if (STYLE > 2) begin : g_check_style
    $error("%m: STYLE (%0d) must be 0, 1 or 2", STYLE);
  end

  if (STYLE == 0) begin : g_shift
    qu_fifo_shift #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH)) storage (.*);
  end else if (STYLE == 1) begin : g_distributed
    qu_fifo_distributed #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH)) storage (.*);
  end else begin : g_block
    qu_fifo_block #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .SCATTERED(SCATTERED)) storage (.*);
  end

endmodule

`default_nettype wire
