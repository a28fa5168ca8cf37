// SPDX-License-Identifier: BSD-3-Clause
// Line buffer of a sliding window: for each output pixel the kernel's rows, columns and channel folds of its input, one word
// a cycle.
//
// A circular line buffer of DEPTH words holds what is still needed. In the order of the input stream a window spans
// SPAN words; reading it jumps from one kernel row to the next. A window is started when its last word has been written
// (level >= 0) and frees its words up to the start of the next window when it has been read. Rows and columns that no
// window covers are freed the same way: level then becomes so negative that they are overwritten.
// s_axis_tready does not depend on m_axis_tready.
`default_nettype none

module qu_window_reader #(
    parameter int unsigned WORD_BITS = 8,   // bits of a word, at least 1
    parameter int unsigned FOLD      = 1,   // words of a pixel, at least 1
    parameter int unsigned HEIGHT    = 4,   // rows of the input, at least KERNEL_H
    parameter int unsigned WIDTH     = 4,   // pixels of an input row, at least KERNEL_W
    parameter int unsigned KERNEL_H  = 3,   // at least 1
    parameter int unsigned KERNEL_W  = 3,   // at least 1
    parameter int unsigned STRIDE_H  = 1,   // at least 1
    parameter int unsigned STRIDE_W  = 1,   // at least 1
    parameter int unsigned DILATION_H = 1,  // rows from one row of the kernel to the next, at least 1
    parameter int unsigned DILATION_W = 1,  // pixels from one column of the kernel to the next, at least 1
    parameter int unsigned DEPTH     = 16,  // words of the line buffer, more than the SPAN of a window
    parameter int unsigned BLOCK_RAM = 0    // 1: line buffer in block memory, 0: in distributed memory
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

  // Rows and columns from the first to the last of the kernel.
  localparam int unsigned REACH_H = (KERNEL_H - 1) * DILATION_H + 1;
  localparam int unsigned REACH_W = (KERNEL_W - 1) * DILATION_W + 1;
  localparam int unsigned OUT_HEIGHT = HEIGHT > REACH_H && STRIDE_H > 0 ? (HEIGHT - REACH_H) / STRIDE_H + 1 : 1;
  localparam int unsigned OUT_WIDTH = WIDTH > REACH_W && STRIDE_W > 0 ? (WIDTH - REACH_W) / STRIDE_W + 1 : 1;
  localparam int unsigned SPAN = ((REACH_H - 1) * WIDTH + REACH_W) * FOLD;
  // Words of the input stream from the start of one window to the start of the next one.
  localparam int unsigned NEXT_COLUMN = STRIDE_W * FOLD;
  localparam int unsigned NEXT_ROW = (STRIDE_H * WIDTH - (OUT_WIDTH - 1) * STRIDE_W) * FOLD;
  localparam int unsigned NEXT_FRAME =
      ((HEIGHT - (OUT_HEIGHT - 1) * STRIDE_H) * WIDTH - (OUT_WIDTH - 1) * STRIDE_W) * FOLD;
  localparam int unsigned SLACK = DEPTH - SPAN;

  if (WORD_BITS < 1) begin : g_check_word_bits
    $error("%m: WORD_BITS must be at least 1");
  end
  if (FOLD < 1) begin : g_check_fold
    $error("%m: FOLD must be at least 1");
  end
  if (KERNEL_H < 1 || REACH_H > HEIGHT || KERNEL_W < 1 || REACH_W > WIDTH) begin : g_check_kernel
    $error("%m: KERNEL_H (%0d) and KERNEL_W (%0d) must be at least 1 and, dilated, fit HEIGHT (%0d) and WIDTH (%0d)",
           KERNEL_H, KERNEL_W, HEIGHT, WIDTH);
  end
  if (STRIDE_H < 1 || STRIDE_W < 1) begin : g_check_stride
    $error("%m: STRIDE_H and STRIDE_W must be at least 1");
  end
  if (DILATION_H < 1 || DILATION_W < 1) begin : g_check_dilation
    $error("%m: DILATION_H and DILATION_W must be at least 1");
  end
  if (DEPTH <= SPAN) begin : g_check_depth
    $error("%m: DEPTH (%0d) must be more than the span of a window (%0d)", DEPTH, SPAN);
  end

  // --- loop nest of the words that are read: word of a run, run, kernel row, output column, output row -----------------
  // A run is what follows each other in the stream: a row of the kernel or, where that is dilated, a pixel of it.
  localparam int unsigned RUNS = DILATION_W == 1 ? 1 : KERNEL_W;
  localparam int unsigned RUN_WORDS = DILATION_W == 1 ? KERNEL_W * FOLD : FOLD;

  logic read;
  logic word_last, run_last, kernel_last, column_last, row_last, window_last;

  assign window_last = word_last && run_last && kernel_last;

  qu_loop_counter #(.COUNT(RUN_WORDS)) word (
      .clk_i, .rst_i, .step_i(read), .last_o(word_last));
  qu_loop_counter #(.COUNT(RUNS)) run (
      .clk_i, .rst_i, .step_i(read && word_last), .last_o(run_last));
  qu_loop_counter #(.COUNT(KERNEL_H)) kernel_row (
      .clk_i, .rst_i, .step_i(read && word_last && run_last), .last_o(kernel_last));
  qu_loop_counter #(.COUNT(OUT_WIDTH)) column (
      .clk_i, .rst_i, .step_i(read && window_last), .last_o(column_last));
  qu_loop_counter #(.COUNT(OUT_HEIGHT)) row (
      .clk_i, .rst_i, .step_i(read && window_last && column_last), .last_o(row_last));

  // --- level: words in the buffer from the start of the current window on, less SPAN ----------------------------------
  // The most words freed at once: with a stride beyond the kernel a step within a frame can be the longest.
  localparam int unsigned FREED_COLUMN = OUT_WIDTH > 1 ? NEXT_COLUMN : 0;
  localparam int unsigned FREED_ROW = OUT_HEIGHT > 1 && NEXT_ROW > FREED_COLUMN ? NEXT_ROW : FREED_COLUMN;
  localparam int unsigned FREED = NEXT_FRAME > FREED_ROW ? NEXT_FRAME : FREED_ROW;
  localparam int unsigned LEVEL_BITS = $clog2((FREED > SLACK ? FREED : SLACK) + 1) + 1;
  localparam logic signed [LEVEL_BITS-1:0] LEVEL_EMPTY = -LEVEL_BITS'(SPAN);
  localparam logic signed [LEVEL_BITS-1:0] LEVEL_FULL = LEVEL_BITS'(SLACK);

  logic signed [LEVEL_BITS-1:0] level, freed;
  logic write, enable;

  assign s_axis_tready = level != LEVEL_FULL;
  assign write         = s_axis_tvalid && s_axis_tready;
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign read          = enable && !level[LEVEL_BITS-1];

  always_comb begin
    if (!(read && window_last)) freed = '0;
    else if (!column_last) freed = -LEVEL_BITS'(NEXT_COLUMN);
    else if (!row_last) freed = -LEVEL_BITS'(NEXT_ROW);
    else freed = -LEVEL_BITS'(NEXT_FRAME);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) level <= LEVEL_EMPTY;
    else level <= level + freed + LEVEL_BITS'(write);
  end

  // --- addresses ------------------------------------------------------------------------------------------------------
  localparam int unsigned ADDRESS_BITS = $clog2(DEPTH);
  // Steps of the read address, modulo DEPTH; a window ends SPAN - 1 words after its start.
  localparam int unsigned BACK = DEPTH - SPAN + 1;
  localparam int unsigned STEP_RUN = ((DILATION_W - 1) * FOLD + 1) % DEPTH;
  localparam int unsigned STEP_KERNEL_ROW = ((DILATION_H * WIDTH - REACH_W) * FOLD + 1) % DEPTH;
  localparam int unsigned STEP_COLUMN = (NEXT_COLUMN + BACK) % DEPTH;
  localparam int unsigned STEP_ROW = (NEXT_ROW + BACK) % DEPTH;
  localparam int unsigned STEP_FRAME = (NEXT_FRAME + BACK) % DEPTH;

  logic [ADDRESS_BITS-1:0] write_address, read_address, read_step, read_next;

  always_comb begin
    if (!word_last) read_step = ADDRESS_BITS'(1);
    else if (!run_last) read_step = ADDRESS_BITS'(STEP_RUN);
    else if (!kernel_last) read_step = ADDRESS_BITS'(STEP_KERNEL_ROW);
    else if (!column_last) read_step = ADDRESS_BITS'(STEP_COLUMN);
    else if (!row_last) read_step = ADDRESS_BITS'(STEP_ROW);
    else read_step = ADDRESS_BITS'(STEP_FRAME);
  end

  if (DEPTH == 2 ** ADDRESS_BITS) begin : g_wrap_by_width
    assign read_next = read_address + read_step;
  end else begin : g_wrap
    logic [ADDRESS_BITS:0] sum, wrapped;
    assign sum       = {1'b0, read_address} + {1'b0, read_step};
    assign wrapped   = sum - (ADDRESS_BITS + 1)'(DEPTH);
    assign read_next = wrapped[ADDRESS_BITS] ? sum[ADDRESS_BITS-1:0] : wrapped[ADDRESS_BITS-1:0];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_address <= '0;
      read_address  <= '0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (write) write_address <= write_address == ADDRESS_BITS'(DEPTH - 1) ? '0 : write_address + 1'b1;
      if (read) read_address <= read_next;
      if (enable) m_axis_tvalid <= read;
    end
  end

  qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) line_buffer (
      .clk_i,
      .write_i        (write),
      .write_address_i(write_address),
      .write_data_i   (s_axis_tdata),
      .read_i         (read),
      .read_address_i (read_address),
      .read_data_o    (m_axis_tdata)
  );

endmodule

`default_nettype wire
