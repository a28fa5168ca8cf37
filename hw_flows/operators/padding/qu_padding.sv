// SPDX-License-Identifier: BSD-3-Clause
// Zero padding of an image: sends PAD_TOP rows, PAD_LEFT pixels and so on of zeros around the pixels that come in.
//
// One word a cycle out. The first padding of a frame waits until the frame's first word is there, so that nothing is
// sent after the last frame. s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_padding #(
    parameter int unsigned WORD_BITS  = 8,  // bits of a word, at least 1
    parameter int unsigned FOLD       = 1,  // words of a pixel, at least 1
    parameter int unsigned HEIGHT     = 1,  // rows of the input, at least 1
    parameter int unsigned WIDTH      = 1,  // pixels of an input row, at least 1
    parameter int unsigned PAD_TOP    = 1,  // rows of zeros above
    parameter int unsigned PAD_LEFT   = 1,  // pixels of zeros before each row
    parameter int unsigned PAD_BOTTOM = 1,  // rows of zeros below
    parameter int unsigned PAD_RIGHT  = 1   // pixels of zeros after each row
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
  if (HEIGHT < 1 || WIDTH < 1) begin : g_check_size
    $error("%m: HEIGHT and WIDTH must be at least 1");
  end

  localparam int unsigned ROWS = PAD_TOP + HEIGHT + PAD_BOTTOM;
  localparam int unsigned ROW_WORDS = (PAD_LEFT + WIDTH + PAD_RIGHT) * FOLD;
  localparam int unsigned X_BITS = ROW_WORDS > 1 ? $clog2(ROW_WORDS) : 1;
  localparam int unsigned Y_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  // The last word before the pixels of a row (beyond the row's end if there is none), and the last word of its pixels;
  // the same for rows.
  localparam logic [X_BITS-1:0] X_BEFORE = X_BITS'(PAD_LEFT * FOLD - 1);
  localparam logic [X_BITS-1:0] X_LAST = X_BITS'((PAD_LEFT + WIDTH) * FOLD - 1);
  localparam logic [Y_BITS-1:0] Y_BEFORE = Y_BITS'(PAD_TOP - 1);
  localparam logic [Y_BITS-1:0] Y_LAST = Y_BITS'(PAD_TOP + HEIGHT - 1);

  logic [X_BITS-1:0] x;  // word of the row that is sent next
  logic [Y_BITS-1:0] y;
  logic x_inside, y_inside;  // that word is not to the left or right, above or below of the image
  logic row_end, frame_end, frame_start, pixel, available, enable, step;

  assign row_end       = x == X_BITS'(ROW_WORDS - 1);
  assign frame_end     = y == Y_BITS'(ROWS - 1);
  assign frame_start   = x == '0 && y == '0;
  assign pixel         = x_inside && y_inside;
  assign available     = s_axis_tvalid || !(pixel || frame_start);
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign step          = enable && available;
  assign s_axis_tready = enable && pixel;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      x        <= '0;
      y        <= '0;
      x_inside <= PAD_LEFT == 0;
      y_inside <= PAD_TOP == 0;
    end else if (step) begin
      x <= row_end ? '0 : x + 1'b1;
      if (row_end) x_inside <= PAD_LEFT == 0;
      else if (x == X_BEFORE) x_inside <= 1'b1;
      else if (x == X_LAST) x_inside <= 1'b0;
      if (row_end) begin
        y <= frame_end ? '0 : y + 1'b1;
        if (frame_end) y_inside <= PAD_TOP == 0;
        else if (y == Y_BEFORE) y_inside <= 1'b1;
        else if (y == Y_LAST) y_inside <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (enable) m_axis_tvalid <= available;
  end

  always_ff @(posedge clk_i) begin
    if (step) m_axis_tdata <= pixel ? s_axis_tdata : '0;
  end

endmodule

`default_nettype wire
