// SPDX-License-Identifier: BSD-3-Clause
// Padding of an image by its own pixels: mirrored at the edge, which is not repeated (REFLECT = 1), or the edge itself.
//
// One word a cycle out, from a circular buffer of as many rows as are read again, and two. The writer is `ahead` by whole
// rows of the oldest that is still needed; the reader is `offset` rows behind that one. s_axis_tready does not depend on
// m_axis_tready.
`default_nettype none

module qu_edge_padding #(
    parameter int unsigned WORD_BITS  = 8,  // bits of a word, at least 1
    parameter int unsigned FOLD       = 1,  // words of a pixel, at least 1
    parameter int unsigned HEIGHT     = 3,  // rows of the input, more than PAD_TOP and PAD_BOTTOM if mirrored
    parameter int unsigned WIDTH      = 3,  // pixels of an input row, more than PAD_LEFT and PAD_RIGHT if mirrored
    parameter int unsigned PAD_TOP    = 1,
    parameter int unsigned PAD_LEFT   = 1,
    parameter int unsigned PAD_BOTTOM = 1,
    parameter int unsigned PAD_RIGHT  = 1,
    parameter int unsigned REFLECT    = 1,  // 1: mirrored, 0: the edge repeated
    parameter int unsigned BLOCK_RAM  = 0   // 1: rows in block memory, 0: in distributed memory
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
  if (REFLECT > 1) begin : g_check_reflect
    $error("%m: REFLECT (%0d) must be 0 or 1", REFLECT);
  end
  if (HEIGHT <= REFLECT * PAD_TOP || HEIGHT <= REFLECT * PAD_BOTTOM || WIDTH <= REFLECT * PAD_LEFT
      || WIDTH <= REFLECT * PAD_RIGHT || HEIGHT < 1 || WIDTH < 1) begin : g_check_size
    $error("%m: HEIGHT (%0d) and WIDTH (%0d) must be at least 1 and more than the borders that mirror them", HEIGHT, WIDTH);
  end

  localparam int unsigned MIRROR_TOP = REFLECT * PAD_TOP;  // rows of the input that the border holds
  localparam int unsigned MIRROR_BOTTOM = REFLECT * PAD_BOTTOM;
  localparam int unsigned MIRROR_LEFT = REFLECT * PAD_LEFT;
  localparam int unsigned ROW_WORDS = WIDTH * FOLD;
  localparam int unsigned ROWS = MIRROR_TOP + MIRROR_BOTTOM + 2;
  localparam int unsigned DEPTH = ROWS * ROW_WORDS;
  localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam int unsigned WORD_INDEX_BITS = ROW_WORDS > 1 ? $clog2(ROW_WORDS) : 1;
  localparam int unsigned COLUMN_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int unsigned AHEAD_BITS = $clog2(ROWS + 1);
  localparam int unsigned OUT_HEIGHT = PAD_TOP + HEIGHT + PAD_BOTTOM;
  localparam int unsigned OUT_WIDTH = PAD_LEFT + WIDTH + PAD_RIGHT;
  localparam int unsigned Y_BITS = OUT_HEIGHT > 1 ? $clog2(OUT_HEIGHT) : 1;
  localparam int unsigned X_BITS = OUT_WIDTH > 1 ? $clog2(OUT_WIDTH) : 1;

  logic write, read, enable;

  // --- the writer -----------------------------------------------------------------------------------------------------------
  logic [ADDRESS_BITS-1:0] write_address;
  logic [COLUMN_BITS-1:0] write_column;
  logic write_fold_last, write_row_end;

  assign write         = s_axis_tvalid && s_axis_tready;
  assign write_row_end = write_fold_last && write_column == COLUMN_BITS'(WIDTH - 1);

  qu_loop_counter #(.COUNT(FOLD)) write_fold (
      .clk_i, .rst_i, .step_i(write), .last_o(write_fold_last));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_address <= '0;
      write_column  <= '0;
    end else if (write) begin
      write_address <= write_address == ADDRESS_BITS'(DEPTH - 1) ? '0 : write_address + 1'b1;
      if (write_fold_last) write_column <= write_row_end ? '0 : write_column + 1'b1;
    end
  end

  // --- the reader: output rows, output pixels, fold ----------------------------------------------------------------------------
  // The next pixel of the input is the one after, the one before, or the same; likewise rows.
  logic [X_BITS-1:0] x;
  logic [Y_BITS-1:0] y;
  logic [COLUMN_BITS-1:0] column;  // of the input
  logic [ADDRESS_BITS-1:0] row_start;  // first word of the row in the buffer
  logic [WORD_INDEX_BITS-1:0] word;  // from there
  logic fold_last, row_end, frame_end;
  logic x_inside, y_inside;  // on the image, before its last pixel of the row, its last row
  logic ages;  // the oldest row in the buffer is not needed after this output row

  assign row_end   = fold_last && x == X_BITS'(OUT_WIDTH - 1);
  assign frame_end = y == Y_BITS'(OUT_HEIGHT - 1);
  qu_loop_counter #(.COUNT(FOLD)) read_fold (
      .clk_i, .rst_i, .step_i(read), .last_o(fold_last));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      x        <= '0;
      y        <= '0;
      x_inside <= PAD_LEFT == 0 && WIDTH > 1;
      y_inside <= PAD_TOP == 0 && HEIGHT > 1;
      ages     <= PAD_TOP == 0 && HEIGHT > 1 + MIRROR_BOTTOM;
      column   <= COLUMN_BITS'(MIRROR_LEFT);
      word     <= WORD_INDEX_BITS'(MIRROR_LEFT * FOLD);
    end else if (read) begin
      if (fold_last) begin
        x <= row_end ? '0 : x + 1'b1;
        if (row_end) x_inside <= PAD_LEFT == 0 && WIDTH > 1;
        else if (x == X_BITS'(PAD_LEFT - 1)) x_inside <= WIDTH > 1;
        else if (x == X_BITS'(PAD_LEFT + WIDTH - 2)) x_inside <= 1'b0;
      end
      if (row_end) begin
        y <= frame_end ? '0 : y + 1'b1;
        if (frame_end) y_inside <= PAD_TOP == 0 && HEIGHT > 1;
        else if (y == Y_BITS'(PAD_TOP - 1)) y_inside <= HEIGHT > 1;
        else if (y == Y_BITS'(PAD_TOP + HEIGHT - 2)) y_inside <= 1'b0;
        if (frame_end) ages <= PAD_TOP == 0 && HEIGHT > 1 + MIRROR_BOTTOM;
        else if (y == Y_BITS'(PAD_TOP - 1)) ages <= HEIGHT > 1 + MIRROR_BOTTOM;
        else if (y == Y_BITS'(PAD_TOP + HEIGHT - 2 - MIRROR_BOTTOM)) ages <= 1'b0;
      end
      if (row_end) begin
        column <= COLUMN_BITS'(MIRROR_LEFT);
        word   <= WORD_INDEX_BITS'(MIRROR_LEFT * FOLD);
      end else if (!fold_last || x_inside) begin
        if (fold_last) column <= column + 1'b1;
        word <= word + 1'b1;
      end else if (REFLECT != 0) begin
        column <= column - 1'b1;
        word   <= word - WORD_INDEX_BITS'(2 * FOLD - 1);
      end else begin
        word <= word - WORD_INDEX_BITS'(FOLD - 1);
      end
    end
  end

  // Rows on from a row of the buffer, which is circular.
  function automatic logic [ADDRESS_BITS-1:0] on(logic [ADDRESS_BITS-1:0] start, int unsigned rows);
    return start >= ADDRESS_BITS'(DEPTH - rows * ROW_WORDS) && rows != 0
        ? start - ADDRESS_BITS'(DEPTH - rows * ROW_WORDS) : start + ADDRESS_BITS'(rows * ROW_WORDS);
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) row_start <= ADDRESS_BITS'(MIRROR_TOP * ROW_WORDS);
    else if (read && row_end) begin
      if (frame_end) row_start <= on(row_start, MIRROR_TOP + MIRROR_BOTTOM + 1);
      else if (y_inside) row_start <= on(row_start, 1);
      else if (REFLECT != 0) row_start <= on(row_start, ROWS - 1);
    end
  end

  // --- who may move ---------------------------------------------------------------------------------------------------------------
  logic [AHEAD_BITS-1:0] ahead, offset, given, freed;

  assign given         = AHEAD_BITS'(write && write_row_end);
  assign freed         = !(read && row_end) ? '0 : frame_end ? AHEAD_BITS'(MIRROR_BOTTOM + 1) : AHEAD_BITS'(ages);
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign read          = enable && (ahead > offset || (ahead == offset && write_column > column));
  assign s_axis_tready = ahead != AHEAD_BITS'(ROWS);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      ahead         <= '0;
      offset        <= AHEAD_BITS'(MIRROR_TOP);
      m_axis_tvalid <= 1'b0;
    end else begin
      ahead <= ahead + given - freed;
      if (read && row_end) begin
        if (frame_end) offset <= AHEAD_BITS'(MIRROR_TOP);
        else if (y_inside) offset <= offset + AHEAD_BITS'(!ages);
        else offset <= offset - AHEAD_BITS'(REFLECT);
      end
      if (enable) m_axis_tvalid <= read;
    end
  end

  qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) rows (
      .clk_i,
      .write_i        (write),
      .write_address_i(write_address),
      .write_data_i   (s_axis_tdata),
      .read_i         (read),
      .read_address_i (row_start + ADDRESS_BITS'(word)),
      .read_data_o    (m_axis_tdata)
  );

endmodule

`default_nettype wire
