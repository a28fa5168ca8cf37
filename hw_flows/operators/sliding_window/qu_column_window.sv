// SPDX-License-Identifier: BSD-3-Clause
// Whole windows from their columns: a column of KERNEL_H words for each pixel of an input row becomes one word of
// KERNEL_H * KERNEL_W for each output pixel, kernel rows first.
//
// The columns of the window are a shift register, so each is read once, not once for each window that it is in. Only a
// column's last word moves them; the words before it come in while the window on the output still waits.
// s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_column_window #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned WIDTH     = 4,  // columns of a row, at least KERNEL_W
    parameter int unsigned KERNEL_H  = 3,  // words of a column, at least 1
    parameter int unsigned KERNEL_W  = 3,  // columns of a window, at least 1
    parameter int unsigned STRIDE_W  = 1   // columns from one window to the next, at least 1
) (
    input  wire logic                                   clk_i,
    input  wire logic                                   rst_i,
    input  wire logic [WORD_BITS-1:0]                   s_axis_tdata,
    input  wire logic                                   s_axis_tvalid,
    output      logic                                   s_axis_tready,
    output      logic [KERNEL_H*KERNEL_W*WORD_BITS-1:0] m_axis_tdata,
    output      logic                                   m_axis_tvalid,
    input  wire logic                                   m_axis_tready
);

  if (WORD_BITS < 1 || KERNEL_H < 1 || STRIDE_W < 1) begin : g_check_parameters
    $error("%m: WORD_BITS, KERNEL_H and STRIDE_W must be at least 1");
  end
  if (KERNEL_W < 1 || KERNEL_W > WIDTH) begin : g_check_kernel
    $error("%m: KERNEL_W (%0d) must be at least 1 and fit WIDTH (%0d)", KERNEL_W, WIDTH);
  end

  localparam int unsigned COLUMN_BITS = KERNEL_H * WORD_BITS;

  logic take, column_last, row_last, shift;
  assign s_axis_tready = !column_last || !m_axis_tvalid || m_axis_tready;
  assign take          = s_axis_tvalid && s_axis_tready;
  assign shift         = take && column_last;

  qu_loop_counter #(.COUNT(KERNEL_H)) word (
      .clk_i, .rst_i, .step_i(take), .last_o(column_last));
  qu_loop_counter #(.COUNT(WIDTH)) column (
      .clk_i, .rst_i, .step_i(shift), .last_o(row_last));

  // Columns still to come before the one that completes a window.
  localparam int unsigned MOST = KERNEL_W > STRIDE_W ? KERNEL_W : STRIDE_W;
  localparam int unsigned MISSING_BITS = MOST > 1 ? $clog2(MOST) : 1;
  logic [MISSING_BITS-1:0] missing;
  logic complete;
  assign complete = missing == '0;
  always_ff @(posedge clk_i) begin
    if (rst_i) missing <= MISSING_BITS'(KERNEL_W - 1);
    else if (shift) begin
      if (row_last) missing <= MISSING_BITS'(KERNEL_W - 1);
      else missing <= complete ? MISSING_BITS'(STRIDE_W - 1) : missing - 1'b1;
    end
  end

  logic [COLUMN_BITS-1:0] entering;  // the words before the last one, and that one as it comes
  assign entering[COLUMN_BITS-1-:WORD_BITS] = s_axis_tdata;
  if (KERNEL_H > 1) begin : g_gather
    logic [(KERNEL_H-1)*WORD_BITS-1:0] gathered;  // the first word lowest once all are there
    if (KERNEL_H > 2) begin : g_shift
      always_ff @(posedge clk_i) begin
        if (take && !column_last) gathered <= {s_axis_tdata, gathered[(KERNEL_H-1)*WORD_BITS-1:WORD_BITS]};
      end
    end else begin : g_hold
      always_ff @(posedge clk_i) if (take && !column_last) gathered <= s_axis_tdata;
    end
    assign entering[COLUMN_BITS-WORD_BITS-1:0] = gathered;
  end

  logic [KERNEL_W*COLUMN_BITS-1:0] columns;  // the leftmost lowest
  if (KERNEL_W > 1) begin : g_columns
    always_ff @(posedge clk_i) if (shift) columns <= {entering, columns[KERNEL_W*COLUMN_BITS-1:COLUMN_BITS]};
  end else begin : g_column
    always_ff @(posedge clk_i) if (shift) columns <= entering;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (shift) m_axis_tvalid <= complete;
    else if (m_axis_tready) m_axis_tvalid <= 1'b0;
  end

  for (genvar h = 0; h < KERNEL_H; h++) begin : g_row
    for (genvar w = 0; w < KERNEL_W; w++) begin : g_pixel
      assign m_axis_tdata[(h*KERNEL_W+w)*WORD_BITS+:WORD_BITS] = columns[(w*KERNEL_H+h)*WORD_BITS+:WORD_BITS];
    end
  end

endmodule

`default_nettype wire
