// SPDX-License-Identifier: BSD-3-Clause
// Rows of an image, given again and again: for each word of weights, the pixels that it meets of a whole block of rows.
//
// A frame is blocks of ROWS rows (the last may have fewer), a block is GROUPS times a pass for each word of the kernel's
// window, rows outermost, and a pass is the block's pixels in raster order, one a cycle and never interrupted. Around the image
// there are zeros, so that there are as many windows as pixels. With COLUMNS = KERNEL_W a pass gives a whole row of the window
// at once: a shift register over the pixels that are read anyway.
// Rows lie in a ring of BUFFER_ROWS rows. A block begins once all of its rows are there, those around it included; those that
// no later block needs are free at its end. s_axis_tready depends on no input.
`default_nettype none

module qu_block_reader #(
    parameter int unsigned WORD_BITS = 8,    // bits of an input word, at least 1
    parameter int unsigned FOLD = 1,         // words of a pixel, at least 1
    parameter int unsigned HEIGHT = 4,       // rows of the image, at least 1
    parameter int unsigned WIDTH = 4,        // pixels of a row, at least 1
    parameter int unsigned KERNEL_H = 3,     // odd
    parameter int unsigned KERNEL_W = 3,     // odd
    parameter int unsigned COLUMNS = 1,      // pixels of a window given at once, a word of each: 1 or KERNEL_W
    parameter int unsigned GROUPS = 2,       // passes for each word of the window, at least 1
    parameter int unsigned ROWS = 2,         // rows of a block, at most HEIGHT; no block has fewer than three pixels
    parameter int unsigned BUFFER_ROWS = 6,  // at least ROWS + KERNEL_H - 1, or HEIGHT where that is a block
    parameter int unsigned BLOCK_RAM = 0     // 1: rows in block memory, 0: in distributed memory
) (
    input  wire logic                         clk_i,
    input  wire logic                         rst_i,
    input  wire logic [WORD_BITS-1:0]         s_axis_tdata,
    input  wire logic                         s_axis_tvalid,
    output      logic                         s_axis_tready,
    input  wire logic                         weights_i,  // those of the next pass are there
    input  wire logic                         room_i,     // there is room for the results of another block
    output      logic                         begin_o,    // a pass begins
    output      logic                         result_o,   // with begin_o: the first of its block that ends sums
    output      logic                         swap_o,     // the pass's first pixel is given in the next cycle
    output      logic [COLUMNS*WORD_BITS-1:0] data_o,
    output      logic                         valid_o,    // data_o is a pixel's
    output      logic                         last_o,     // the pass's last
    output      logic                         first_o,    // of the passes of a group, the first,
    output      logic                         final_o     // and the last one
);

  if (WORD_BITS < 1 || FOLD < 1 || GROUPS < 1 || HEIGHT < 1) begin : g_check_sizes
    $error("%m: WORD_BITS, FOLD, GROUPS and HEIGHT must be at least 1");
  end
  if (KERNEL_H % 2 != 1 || KERNEL_W % 2 != 1) begin : g_check_kernel
    $error("%m: KERNEL_H (%0d) and KERNEL_W (%0d) must be odd", KERNEL_H, KERNEL_W);
  end
  if (COLUMNS != 1 && COLUMNS != KERNEL_W) begin : g_check_columns
    $error("%m: COLUMNS (%0d) must be 1 or KERNEL_W (%0d)", COLUMNS, KERNEL_W);
  end

  localparam int unsigned ABOVE = (KERNEL_H - 1) / 2;  // rows of a window above its middle, and below
  localparam int unsigned BESIDE = (KERNEL_W - 1) / 2;
  localparam int unsigned KEEP = ROWS < HEIGHT ? ABOVE : 0;  // rows that a block needs of those before it
  localparam int unsigned NEED = ROWS + ABOVE;  // rows from a block's first on, as far as the image has them
  localparam int unsigned LAST_ROWS = ROWS > 0 ? (HEIGHT - 1) % ROWS + 1 : 1;  // of a frame's last block

  if (ROWS < 1 || ROWS > HEIGHT || WIDTH * LAST_ROWS < 3) begin : g_check_rows
    $error("%m: ROWS (%0d) must be 1 to HEIGHT (%0d), and no block of fewer than three pixels", ROWS, HEIGHT);
  end
  if (BUFFER_ROWS < (ROWS < HEIGHT ? ROWS + KERNEL_H - 1 : HEIGHT)) begin : g_check_buffer
    $error("%m: BUFFER_ROWS (%0d) must hold a block of ROWS (%0d) rows and those around it", BUFFER_ROWS, ROWS);
  end

  localparam int unsigned ROW_WORDS = WIDTH * FOLD;
  localparam int unsigned DEPTH = BUFFER_ROWS * ROW_WORDS;
  localparam int unsigned ADDRESS_BITS = $clog2(DEPTH);

  function automatic logic [ADDRESS_BITS-1:0] plus(input logic [ADDRESS_BITS-1:0] a, input logic [ADDRESS_BITS-1:0] b);
    if (DEPTH == 2 ** ADDRESS_BITS) return a + b;
    else begin
      automatic logic [ADDRESS_BITS:0] sum = {1'b0, a} + {1'b0, b};
      automatic logic [ADDRESS_BITS:0] wrapped = sum - (ADDRESS_BITS + 1)'(DEPTH);
      return wrapped[ADDRESS_BITS] ? sum[ADDRESS_BITS-1:0] : wrapped[ADDRESS_BITS-1:0];
    end
  endfunction

  // --- rows that come in ----------------------------------------------------------------------------------------------
  localparam int unsigned LEVEL_BITS = $clog2(BUFFER_ROWS + 1);
  logic [LEVEL_BITS-1:0] level;  // whole rows from the first one of the current (or next) block on
  logic [ADDRESS_BITS-1:0] write_address;
  logic write, row_written, block_done;
  logic [LEVEL_BITS-1:0] freed;

  assign s_axis_tready = level != LEVEL_BITS'(BUFFER_ROWS - KEEP);
  assign write = s_axis_tvalid && s_axis_tready;
  qu_loop_counter #(.COUNT(ROW_WORDS)) arriving (.clk_i, .rst_i, .step_i(write), .last_o(row_written));
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      level <= '0;
      write_address <= '0;
    end else begin
      level <= level + LEVEL_BITS'(write && row_written) - freed;
      if (write) write_address <= write_address == ADDRESS_BITS'(DEPTH - 1) ? '0 : write_address + 1'b1;
    end
  end

  // --- the pass that comes next: word of a kernel row, kernel row, group, block -----------------------------------------
  localparam int unsigned RUN = KERNEL_W / COLUMNS * FOLD;
  localparam int unsigned TAPS = KERNEL_W / COLUMNS;
  localparam int unsigned LEFT_BITS = $clog2(HEIGHT + 1);
  logic fold_last, tap_last, kernel_last, group_last, group_first, rows_there, block_last, running, pass_last;
  logic [LEFT_BITS-1:0] left;  // rows of the frame from that block on

  wire run_last = fold_last && tap_last;
  wire word_last = run_last && kernel_last;
  assign block_last = left <= LEFT_BITS'(ROWS);
  assign rows_there = 32'(level) >= NEED || 32'(level) >= 32'(left);
  assign begin_o = (!running || (pass_last && !block_done)) && weights_i && rows_there
      && (room_i || !(word_last && group_first));
  assign result_o = word_last && group_first;

  qu_loop_counter #(.COUNT(FOLD)) fold (.clk_i, .rst_i, .step_i(begin_o), .last_o(fold_last));
  qu_loop_counter #(.COUNT(TAPS)) tap (.clk_i, .rst_i, .step_i(begin_o && fold_last), .last_o(tap_last));
  qu_loop_counter #(.COUNT(GROUPS)) group (.clk_i, .rst_i, .step_i(begin_o && word_last), .last_o(group_last));
  logic [$clog2(KERNEL_H + 1)-1:0] kernel_row;
  assign kernel_last = kernel_row == $bits(kernel_row)'(KERNEL_H - 1);
  logic word_first;
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      kernel_row <= '0;
      word_first <= 1'b1;
      group_first <= 1'b1;
      left <= LEFT_BITS'(HEIGHT);
    end else if (begin_o) begin
      if (run_last) kernel_row <= kernel_last ? '0 : kernel_row + 1'b1;
      word_first <= word_last;
      if (word_last) group_first <= group_last;
      if (word_last && group_last) left <= block_last ? LEFT_BITS'(HEIGHT) : left - LEFT_BITS'(ROWS);
    end
  end

  // Where its first pixel lies: from one word of the window to the next, and back to the first, a block further on at its end.
  localparam int unsigned BACK = (KERNEL_H - 1) * ROW_WORDS + RUN - 1;
  localparam int unsigned STEP_KERNEL_ROW = (ROW_WORDS + DEPTH - (RUN - 1) % DEPTH) % DEPTH;
  localparam int unsigned STEP_GROUP = (DEPTH - BACK % DEPTH) % DEPTH;
  localparam int unsigned STEP_BLOCK = (STEP_GROUP + ROWS * ROW_WORDS) % DEPTH;
  localparam int unsigned STEP_FRAME = (STEP_GROUP + LAST_ROWS * ROW_WORDS) % DEPTH;
  localparam int unsigned BEFORE = ABOVE * ROW_WORDS + (COLUMNS == 1 ? BESIDE * FOLD : 0);
  localparam int unsigned ORIGIN = (DEPTH - BEFORE % DEPTH) % DEPTH;
  logic [ADDRESS_BITS-1:0] start, step;
  always_comb begin
    if (!run_last) step = ADDRESS_BITS'(1);
    else if (!kernel_last) step = ADDRESS_BITS'(STEP_KERNEL_ROW);
    else if (!group_last) step = ADDRESS_BITS'(STEP_GROUP);
    else if (!block_last) step = ADDRESS_BITS'(STEP_BLOCK);
    else step = ADDRESS_BITS'(STEP_FRAME);
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) start <= ADDRESS_BITS'(ORIGIN);
    else if (begin_o) start <= plus(start, step);
  end

  // --- the pass that runs ---------------------------------------------------------------------------------------------
  localparam int unsigned X_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int unsigned GO_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  // Row in the frame; above the image it wraps to what is below.
  localparam int unsigned Y_BITS = $clog2(HEIGHT + 2 * ABOVE + 1) + 1;
  logic [X_BITS-1:0] x;
  logic [GO_BITS-1:0] rows_to_go;
  logic [Y_BITS-1:0] y;
  logic [ADDRESS_BITS-1:0] address;
  logic first_pixel, first_pass, final_pass, block_ends, short_block;
  wire x_last = x == X_BITS'(WIDTH - 1);
  assign pass_last = x_last && rows_to_go == '0;
  assign block_done = running && pass_last && block_ends;
  assign freed = !block_done ? '0 : short_block ? LEVEL_BITS'(LAST_ROWS) : LEVEL_BITS'(ROWS);

  always_ff @(posedge clk_i) begin
    if (rst_i) running <= 1'b0;
    else running <= begin_o || (running && !pass_last);
    first_pixel <= begin_o;
    if (begin_o) begin
      x <= '0;
      rows_to_go <= block_last ? GO_BITS'(LAST_ROWS - 1) : GO_BITS'(ROWS - 1);
      y <= Y_BITS'(HEIGHT) - Y_BITS'(left) + Y_BITS'(kernel_row) - Y_BITS'(ABOVE);
      address <= start;
      first_pass <= word_first;
      final_pass <= word_last;
      block_ends <= word_last && group_last;
      short_block <= block_last;
    end else begin
      x <= x_last ? '0 : x + 1'b1;
      if (x_last) rows_to_go <= rows_to_go - 1'b1;
      if (x_last) y <= y + 1'b1;
      address <= plus(address, ADDRESS_BITS'(FOLD % DEPTH));
    end
  end

  // Which of the window's pixels in that row are in the image.
  logic [KERNEL_W-1:0] in_image;
  for (genvar k = 0; k < KERNEL_W; k++) begin : g_column
    if (k < BESIDE) begin : g_left
      assign in_image[k] = 32'(x) >= BESIDE - k && y < Y_BITS'(HEIGHT);
    end else if (k > BESIDE) begin : g_right
      assign in_image[k] = 32'(x) + (k - BESIDE) < WIDTH && y < Y_BITS'(HEIGHT);
    end else begin : g_middle
      assign in_image[k] = y < Y_BITS'(HEIGHT);
    end
  end
  logic [COLUMNS-1:0] given;
  if (COLUMNS == KERNEL_W) begin : g_all
    assign given = in_image;
  end else begin : g_one
    logic [$clog2(KERNEL_W)-1:0] next_tap, at_tap;
    always_ff @(posedge clk_i) begin
      if (rst_i) next_tap <= '0;
      else if (begin_o && fold_last) next_tap <= tap_last ? '0 : next_tap + 1'b1;
      if (begin_o) at_tap <= next_tap;
    end
    assign given = in_image[at_tap];
  end

  // --- from the address to the operands -------------------------------------------------------------------------------
  localparam int unsigned BEHIND = COLUMNS > 1 ? BESIDE : 0;  // cycles that a pixel waits for those to its right
  localparam int unsigned STAGES = BEHIND + 2;
  logic [WORD_BITS-1:0] word;
  qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) rows (
      .clk_i,
      .write_i(write),
      .write_address_i(write_address),
      .write_data_i(s_axis_tdata),
      .read_i(1'b1),
      .read_address_i(address),
      .read_data_o(word)
  );

  logic [COLUMNS*WORD_BITS-1:0] window;  // the leftmost pixel lowest
  assign window[COLUMNS*WORD_BITS-1-:WORD_BITS] = word;
  if (COLUMNS > 1) begin : g_window
    logic [(COLUMNS-1)*WORD_BITS-1:0] earlier;
    always_ff @(posedge clk_i) earlier <= window[COLUMNS*WORD_BITS-1:WORD_BITS];
    assign window[(COLUMNS-1)*WORD_BITS-1:0] = earlier;
  end

  // Element s: what the address of s cycles ago was.
  logic [STAGES:0] valid, last_at, first_pass_at, final_pass_at;
  logic [STAGES-1:0] first_at;
  logic [STAGES-1:0][COLUMNS-1:0] given_at;
  assign valid[0] = running;
  assign first_at[0] = running && first_pixel;
  assign last_at[0] = pass_last;
  assign first_pass_at[0] = first_pass;
  assign final_pass_at[0] = final_pass;
  assign given_at[0] = given;
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid[STAGES:1] <= '0;
      first_at[STAGES-1:1] <= '0;
    end else begin
      valid[STAGES:1] <= valid[STAGES-1:0];
      first_at[STAGES-1:1] <= first_at[STAGES-2:0];
    end
    last_at[STAGES:1] <= last_at[STAGES-1:0];
    first_pass_at[STAGES:1] <= first_pass_at[STAGES-1:0];
    final_pass_at[STAGES:1] <= final_pass_at[STAGES-1:0];
    given_at[STAGES-1:1] <= given_at[STAGES-2:0];
    for (int c = 0; c < COLUMNS; c++)
      data_o[c*WORD_BITS+:WORD_BITS] <= given_at[STAGES-1][c] ? window[c*WORD_BITS+:WORD_BITS] : '0;
  end
  assign swap_o = first_at[STAGES-1];
  assign valid_o = valid[STAGES];
  assign last_o = last_at[STAGES];
  assign first_o = first_pass_at[STAGES];
  assign final_o = final_pass_at[STAGES];

endmodule

`default_nettype wire
