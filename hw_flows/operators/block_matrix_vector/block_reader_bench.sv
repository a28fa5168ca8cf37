// SPDX-License-Identifier: BSD-3-Clause
// Rows of an image in passes: every word that is given is the one of the frame that the loops say, or zero around the image, and
// the flags beside it say where in them it is.
`default_nettype none

module block_reader_bench #(
    parameter int unsigned HEIGHT = 2,
    parameter int unsigned WIDTH = 3,
    parameter int unsigned FOLD = 1,
    parameter int unsigned KERNEL_H = 1,
    parameter int unsigned KERNEL_W = 1,
    parameter int unsigned COLUMNS = 1,
    parameter int unsigned GROUPS = 1,
    parameter int unsigned ROWS = 1,
    parameter int unsigned BUFFER_ROWS = 2,
    parameter int unsigned FRAMES = 3,
    localparam int unsigned PASSES = KERNEL_H * KERNEL_W / COLUMNS * FOLD,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned OUT_WORDS = HEIGHT * WIDTH * GROUPS * PASSES,
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1)
) (
    input wire logic               clk_i,
    input wire logic               rst_i,
    input wire logic               choose_i,
    input wire logic [IN_BITS-1:0] place_i,
    input wire logic [        0:0] s_axis_tdata,
    input wire logic               s_axis_tvalid,
    input wire logic               weights_i,  // free
    input wire logic               room_i      // free
);

  logic s_axis_tready, begins, result, swap, valid, last, first, final_pass, off, followed, seen;
  logic [COLUMNS-1:0] data;
  logic [0:0] word;
  logic signed [$clog2(FRAMES + 2):0] ahead;

  qu_block_reader #(
      .WORD_BITS(1), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .KERNEL_H(KERNEL_H), .KERNEL_W(KERNEL_W),
      .COLUMNS(COLUMNS), .GROUPS(GROUPS), .ROWS(ROWS), .BUFFER_ROWS(BUFFER_ROWS), .BLOCK_RAM(0)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .weights_i, .room_i, .begin_o(begins),
      .result_o(result), .swap_o(swap), .data_o(data), .valid_o(valid), .last_o(last), .first_o(first),
      .final_o(final_pass));

  environment #(.CONSTANT_BITS(IN_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(1), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  scoreboard #(.WORD_BITS(1), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid(valid),
      .m_axis_tready(1'b1), .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(),
      .out_index_o(), .ahead_o(ahead));
  responds #(.CYCLES(8)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 && weights_i && room_i), .event_i(valid));
  responds #(.CYCLES(PASSES * GROUPS * ROWS * WIDTH + 8)) accepts (
      .clk_i, .rst_i(off), .due_i(s_axis_tvalid && weights_i && room_i), .event_i(s_axis_tready));

  // --- the loops -------------------------------------------------------------------------------------------------------
  localparam int unsigned BITS = $clog2(OUT_WORDS + 1) + 2;
  typedef logic signed [BITS-1:0] number;
  number x, y, fold, tap, k, group, row;  // y: row of the block, row: the block's first
  wire number rows = row + number'(ROWS) > number'(HEIGHT) ? number'(HEIGHT) - row : number'(ROWS);
  wire x_last = x == number'(WIDTH - 1);
  wire pass_last = x_last && y == rows - 1;
  wire fold_last = fold == number'(FOLD - 1);
  wire run_last = fold_last && tap == number'(KERNEL_W / COLUMNS - 1);
  wire word_last = run_last && k == number'(KERNEL_H - 1);
  wire group_last = word_last && group == number'(GROUPS - 1);
  always_ff @(posedge clk_i) begin
    if (off) begin
      x <= '0;
      y <= '0;
      fold <= '0;
      tap <= '0;
      k <= '0;
      group <= '0;
      row <= '0;
    end else if (valid) begin
      x <= x_last ? number'(0) : x + number'(1);
      if (x_last) y <= pass_last ? number'(0) : y + number'(1);
      if (pass_last) begin
        fold <= fold_last ? number'(0) : fold + number'(1);
        if (fold_last) tap <= run_last ? number'(0) : tap + number'(1);
        if (run_last) k <= word_last ? number'(0) : k + number'(1);
        if (word_last) group <= group_last ? number'(0) : group + number'(1);
        if (group_last) row <= row + rows == number'(HEIGHT) ? number'(0) : row + rows;
      end
    end
  end

  wire number from_row = row + y + k - number'((KERNEL_H - 1) / 2);
  wire in_rows = from_row >= 0 && from_row < number'(HEIGHT);
  for (genvar c = 0; c < COLUMNS; c++) begin : g_column
    wire number column = x + (COLUMNS == 1 ? tap : number'(c)) - number'((KERNEL_W - 1) / 2);
    wire in_image = in_rows && column >= 0 && column < number'(WIDTH);
    wire number source = (from_row * number'(WIDTH) + column) * number'(FOLD) + fold;
    always_comb begin
      if (!off && valid && in_image && followed && source == number'({1'b0, place_i})) order : assert (seen && data[c] == word[0]);
    end
    if (KERNEL_H > 1 || (KERNEL_W > 1 && (COLUMNS == 1 || c != (KERNEL_W - 1) / 2))) begin : g_border
      always_comb if (!off && valid && !in_image) zero : assert (!data[c]);
    end
  end

  logic swapped;
  always_ff @(posedge clk_i) swapped <= swap && !off;
  always_comb begin
    if (!off) begin
      if (valid) flags : assert (last == pass_last && final_pass == word_last && first == (fold == 0 && tap == 0 && k == 0));
      if (swapped) begins_pass : assert (valid && x == 0 && y == 0);
      if (valid && x == 0 && y == 0) swaps : assert (swapped);
      if (begins) claims : assert (weights_i && (room_i || !result));
      waits : cover (ahead > 0 && !valid);
    end
  end

endmodule

`default_nettype wire
