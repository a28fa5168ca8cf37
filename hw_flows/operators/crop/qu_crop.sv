// SPDX-License-Identifier: BSD-3-Clause
// Crop of an image: passes the pixels of a window on and drops those above, left, right and below of it.
//
// One word a cycle in. s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_crop #(
    parameter int unsigned WORD_BITS   = 8,  // bits of a word, at least 1
    parameter int unsigned FOLD        = 1,  // words of a pixel, at least 1
    parameter int unsigned HEIGHT      = 4,  // rows of the input, more than CROP_TOP + CROP_BOTTOM
    parameter int unsigned WIDTH       = 4,  // pixels of an input row, more than CROP_LEFT + CROP_RIGHT
    parameter int unsigned CROP_TOP    = 1,  // rows dropped above
    parameter int unsigned CROP_LEFT   = 1,  // pixels dropped at the beginning of each row
    parameter int unsigned CROP_BOTTOM = 1,  // rows dropped below
    parameter int unsigned CROP_RIGHT  = 1   // pixels dropped at the end of each row
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  if (WORD_BITS < 1) begin : g_check_word_bits
    $error("%m: WORD_BITS must be at least 1");
  end
  if (FOLD < 1) begin : g_check_fold
    $error("%m: FOLD must be at least 1");
  end
  if (HEIGHT <= CROP_TOP + CROP_BOTTOM || WIDTH <= CROP_LEFT + CROP_RIGHT) begin : g_check_window
    $error("%m: no pixel of HEIGHT (%0d) x WIDTH (%0d) is left", HEIGHT, WIDTH);
  end

  localparam int unsigned ROW_WORDS = WIDTH * FOLD;
  localparam int unsigned X_BITS = ROW_WORDS > 1 ? $clog2(ROW_WORDS) : 1;
  localparam int unsigned Y_BITS = HEIGHT > 1 ? $clog2(HEIGHT) : 1;
  // The last word before the window's part of a row (beyond the row's end if there is none), and its last word; the same
  // for rows.
  localparam logic [X_BITS-1:0] X_BEFORE = X_BITS'(CROP_LEFT * FOLD - 1);
  localparam logic [X_BITS-1:0] X_LAST = X_BITS'((WIDTH - CROP_RIGHT) * FOLD - 1);
  localparam logic [Y_BITS-1:0] Y_BEFORE = Y_BITS'(CROP_TOP - 1);
  localparam logic [Y_BITS-1:0] Y_LAST = Y_BITS'(HEIGHT - CROP_BOTTOM - 1);

  logic [X_BITS-1:0] x;  // word of the row that comes next
  logic [Y_BITS-1:0] y;
  logic x_inside, y_inside;  // that word is between the window's columns, between its rows
  logic row_end, frame_end, kept, enable, accept;

  assign row_end       = x == X_BITS'(ROW_WORDS - 1);
  assign frame_end     = y == Y_BITS'(HEIGHT - 1);
  assign kept          = x_inside && y_inside;
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign s_axis_tready = enable || !kept;
  assign accept        = s_axis_tvalid && s_axis_tready;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      x        <= '0;
      y        <= '0;
      x_inside <= CROP_LEFT == 0;
      y_inside <= CROP_TOP == 0;
    end else if (accept) begin
      x <= row_end ? '0 : x + 1'b1;
      if (row_end) x_inside <= CROP_LEFT == 0;
      else if (x == X_BEFORE) x_inside <= 1'b1;
      else if (x == X_LAST) x_inside <= 1'b0;
      if (row_end) begin
        y <= frame_end ? '0 : y + 1'b1;
        if (frame_end) y_inside <= CROP_TOP == 0;
        else if (y == Y_BEFORE) y_inside <= 1'b1;
        else if (y == Y_LAST) y_inside <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (enable) m_axis_tvalid <= s_axis_tvalid && kept;
  end

  always_ff @(posedge clk_i) begin
    if (enable && kept) m_axis_tdata <= s_axis_tdata;
  end

endmodule

`default_nettype wire
