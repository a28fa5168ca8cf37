// SPDX-License-Identifier: BSD-3-Clause
// Bilinear upsampling: each output element is the mean of four input elements, weighted by whole numbers, times
// PARTS_H * PARTS_W.
//
// One word a cycle out. A buffer of two input rows, even and odd pixels apart, gives all four at a time; while a pair of rows
// is read for the last time, the row behind them is written over the upper one, behind the reader. Three registers.
// s_axis_tready does not depend on m_axis_tready.
`default_nettype none

module qu_bilinear #(
    parameter int unsigned ELEMENT_BITS = 4,  // bits of an input element, at least 1
    parameter int unsigned OUT_BITS     = 8,  // bits of an output element, that hold PARTS_H * PARTS_W times any input element
    parameter int unsigned IS_SIGNED    = 0,  // 1: elements in two's complement
    parameter int unsigned LANES        = 1,  // elements of a word, at least 1
    parameter int unsigned FOLD         = 1,  // words of a pixel, at least 1
    parameter int unsigned HEIGHT       = 2,  // of the input; see qu_resample_axis.sv
    parameter int unsigned OUT_HEIGHT   = 4,
    parameter int unsigned STEP_H       = 2,
    parameter int unsigned PARTS_H      = 4,
    parameter int unsigned BEFORE_H     = 1,
    parameter int unsigned WIDTH        = 2,
    parameter int unsigned OUT_WIDTH    = 4,
    parameter int unsigned STEP_W       = 2,
    parameter int unsigned PARTS_W      = 4,
    parameter int unsigned BEFORE_W     = 1,
    parameter int unsigned BLOCK_RAM    = 0   // 1: rows in block memory, 0: in distributed memory
) (
    input  wire logic                          clk_i,
    input  wire logic                          rst_i,
    input  wire logic [LANES*ELEMENT_BITS-1:0] s_axis_tdata,
    input  wire logic                          s_axis_tvalid,
    output      logic                          s_axis_tready,
    output      logic [    LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                          m_axis_tvalid,
    input  wire logic                          m_axis_tready
);

  localparam int unsigned WORD_BITS = LANES * ELEMENT_BITS;
  localparam int unsigned PARTS_H_BITS = PARTS_H > 1 ? $clog2(PARTS_H) : 1;
  localparam int unsigned PARTS_W_BITS = PARTS_W > 1 ? $clog2(PARTS_W) : 1;
  localparam int unsigned MIDDLE_BITS = ELEMENT_BITS + $clog2(PARTS_H) < OUT_BITS ? ELEMENT_BITS + $clog2(PARTS_H) : OUT_BITS;
  localparam int unsigned HALF = (WIDTH + 1) / 2 * FOLD;  // words of the even pixels of a row
  localparam int unsigned DEPTH = HALF > 1 ? HALF : 2;
  localparam int unsigned ADDRESS_BITS = $clog2(DEPTH);
  localparam int unsigned COLUMN_BITS = $clog2(WIDTH + 2);

  if (ELEMENT_BITS < 1 || LANES < 1 || OUT_BITS < ELEMENT_BITS) begin : g_check_word
    $error("%m: ELEMENT_BITS (%0d) and LANES must be at least 1, OUT_BITS (%0d) at least ELEMENT_BITS", ELEMENT_BITS, OUT_BITS);
  end
  if (FOLD < 1) begin : g_check_fold
    $error("%m: FOLD must be at least 1");
  end

  logic write, read, enable;

  // --- the writer: two rows, each in turn -------------------------------------------------------------------------------
  logic [COLUMN_BITS-1:0] write_column;
  logic [ADDRESS_BITS-1:0] write_address;
  logic write_row, write_fold_last, write_end;

  assign write     = s_axis_tvalid && s_axis_tready;
  assign write_end = write_fold_last && write_column == COLUMN_BITS'(WIDTH - 1);

  qu_loop_counter #(.COUNT(FOLD)) write_fold (
      .clk_i, .rst_i, .step_i(write), .last_o(write_fold_last));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_column  <= '0;
      write_address <= '0;
      write_row     <= 1'b0;
    end else if (write) begin
      if (write_fold_last) write_column <= write_end ? '0 : write_column + 1'b1;
      if (write_end) write_row <= !write_row;
      if (write_end) write_address <= '0;
      else if (write_fold_last && !write_column[0]) write_address <= write_address - ADDRESS_BITS'(FOLD - 1);  // its odd neighbour
      else write_address <= write_address + 1'b1;
    end
  end

  // --- the reader: output rows, output pixels, fold ------------------------------------------------------------------------
  logic [PARTS_H_BITS-1:0] fraction_h;
  logic [PARTS_W_BITS-1:0] fraction_w;
  logic fold_last, row_end, moves_h, moves_w, last_w, unused_last_h;
  logic [COLUMN_BITS-1:0] read_column;  // the left of the two
  logic [ADDRESS_BITS-1:0] even_address, odd_address;
  logic read_row;  // the upper of the two

  assign row_end = fold_last && last_w;

  qu_loop_counter #(.COUNT(FOLD)) read_fold (
      .clk_i, .rst_i, .step_i(read), .last_o(fold_last));
  qu_resample_axis #(.IN(WIDTH), .OUT(OUT_WIDTH), .STEP(STEP_W), .PARTS(PARTS_W), .BEFORE(BEFORE_W)) columns (
      .clk_i, .rst_i, .step_i(read && fold_last), .fraction_o(fraction_w), .moves_o(moves_w), .last_o(last_w));
  qu_resample_axis #(.IN(HEIGHT), .OUT(OUT_HEIGHT), .STEP(STEP_H), .PARTS(PARTS_H), .BEFORE(BEFORE_H)) rows (
      .clk_i, .rst_i, .step_i(read && row_end), .fraction_o(fraction_h), .moves_o(moves_h), .last_o(unused_last_h));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      read_column  <= '0;
      even_address <= '0;
      odd_address  <= '0;
      read_row     <= 1'b0;
    end else if (read) begin
      if (row_end) begin
        read_column  <= '0;
        even_address <= '0;
        odd_address  <= '0;
        if (moves_h) read_row <= !read_row;
      end else if (!fold_last) begin
        even_address <= even_address + 1'b1;
        odd_address  <= odd_address + 1'b1;
      end else begin  // to the first word of the same pixels, or the pixel that is left behind gives way to the next but one
        if (moves_w) read_column <= read_column + 1'b1;
        even_address <= moves_w && !read_column[0] ? even_address + 1'b1 : even_address - ADDRESS_BITS'(FOLD - 1);
        odd_address  <= moves_w && read_column[0] ? odd_address + 1'b1 : odd_address - ADDRESS_BITS'(FOLD - 1);
      end
    end
  end

  // --- who may move -------------------------------------------------------------------------------------------------------
  // `ahead`: whole rows that have been written from the upper row of the reader on.
  logic [1:0] ahead;
  logic lower, right, written;
  logic [COLUMN_BITS-1:0] needed;  // the rightmost column that is read

  assign lower         = fraction_h != '0;
  assign right         = fraction_w != '0;
  assign needed        = read_column + COLUMN_BITS'(right);
  assign written       = ahead > {1'b0, lower} || (ahead == {1'b0, lower} && write_column > needed);
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign read          = enable && written;
  assign s_axis_tready = ahead != 2'd2 || (moves_h && write_column < read_column);

  always_ff @(posedge clk_i) begin
    if (rst_i) ahead <= '0;
    else ahead <= ahead + 2'(write && write_end) - 2'(read && row_end && moves_h);
  end

  // --- first register: the memories -----------------------------------------------------------------------------------------
  logic valid_1, row_1, odd_1;
  logic [PARTS_H_BITS-1:0] fraction_h_1;
  logic [PARTS_W_BITS-1:0] fraction_w_1;
  logic [1:0][WORD_BITS-1:0] even_words, odd_words;  // by row

  for (genvar r = 0; r < 2; r++) begin : g_row
    qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) even (
        .clk_i,
        .write_i        (write && write_row == 1'(r) && !write_column[0]),
        .write_address_i(write_address),
        .write_data_i   (s_axis_tdata),
        .read_i         (read),
        .read_address_i (even_address),
        .read_data_o    (even_words[r])
    );
    if (WIDTH > 1) begin : g_odd
      qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) odd (
          .clk_i,
          .write_i        (write && write_row == 1'(r) && write_column[0]),
          .write_address_i(write_address),
          .write_data_i   (s_axis_tdata),
          .read_i         (read),
          .read_address_i (odd_address),
          .read_data_o    (odd_words[r])
      );
    end else begin : g_no_odd
      assign odd_words[r] = '0;
    end
  end

  // --- second register: between the rows; third register: between the columns ------------------------------------------------
  logic valid_2, odd_2;
  logic [PARTS_W_BITS-1:0] fraction_w_2;
  logic [LANES-1:0][MIDDLE_BITS-1:0] even_sums, odd_sums, even_2, odd_sums_2;
  logic [LANES-1:0][OUT_BITS-1:0] sums;

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    localparam int unsigned LOW = i * ELEMENT_BITS;
    qu_blend #(.IN_BITS(ELEMENT_BITS), .OUT_BITS(MIDDLE_BITS), .IS_SIGNED(IS_SIGNED), .PARTS(PARTS_H)) even (
        .first_i(even_words[row_1][LOW+:ELEMENT_BITS]), .second_i(even_words[!row_1][LOW+:ELEMENT_BITS]),
        .fraction_i(fraction_h_1), .sum_o(even_sums[i]));
    qu_blend #(.IN_BITS(ELEMENT_BITS), .OUT_BITS(MIDDLE_BITS), .IS_SIGNED(IS_SIGNED), .PARTS(PARTS_H)) odd (
        .first_i(odd_words[row_1][LOW+:ELEMENT_BITS]), .second_i(odd_words[!row_1][LOW+:ELEMENT_BITS]),
        .fraction_i(fraction_h_1), .sum_o(odd_sums[i]));
    qu_blend #(.IN_BITS(MIDDLE_BITS), .OUT_BITS(OUT_BITS), .IS_SIGNED(IS_SIGNED), .PARTS(PARTS_W)) across (
        .first_i(odd_2 ? odd_sums_2[i] : even_2[i]), .second_i(odd_2 ? even_2[i] : odd_sums_2[i]),
        .fraction_i(fraction_w_2), .sum_o(sums[i]));
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_1       <= 1'b0;
      valid_2       <= 1'b0;
      m_axis_tvalid <= 1'b0;
    end else if (enable) begin
      valid_1       <= read;
      valid_2       <= valid_1;
      m_axis_tvalid <= valid_2;
    end
  end

  always_ff @(posedge clk_i) begin
    if (enable) begin
      row_1        <= read_row;
      odd_1        <= read_column[0];
      fraction_h_1 <= fraction_h;
      fraction_w_1 <= fraction_w;
      odd_2        <= odd_1;
      fraction_w_2 <= fraction_w_1;
      even_2       <= even_sums;
      odd_sums_2   <= odd_sums;
      m_axis_tdata <= sums;
    end
  end

endmodule

`default_nettype wire
