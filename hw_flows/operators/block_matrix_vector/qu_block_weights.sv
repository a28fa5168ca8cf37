// SPDX-License-Identifier: BSD-3-Clause
// Takes apart what comes from memory: for each group of outputs TILES words of weights, and among them its thresholds.
//
// Before each word of weights come up to ROWS_BEFORE rows of thresholds, 2**STEP_BITS - 1 in all; a row has one of every lane.
// Words and rows begin with their lowest bits, each on a new word of the stream; what is left over is not looked at. A row
// leaves at once (row_valid_o); a word of weights waits until a pass claims it and stays in weights_o from then on, one cycle
// after swap_i, until the next pass's. Two groups may have thresholds at a time. s_axis_tready depends on no input.
`default_nettype none

module qu_block_weights #(
    parameter int unsigned STREAM_BITS = 8,  // bits of a word of the stream, at least 1
    parameter int unsigned TILE_BITS = 16,   // bits of a word of weights
    parameter int unsigned TILES = 9,        // words of weights of a group, at least 1
    parameter int unsigned ROW_BITS = 18,    // bits of a row of thresholds
    parameter int unsigned STEP_BITS = 4,    // 2**STEP_BITS - 1 rows, at least 1
    parameter int unsigned ROWS_BEFORE = 2   // ROWS_BEFORE * TILES at least 2**STEP_BITS - 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic [STREAM_BITS-1:0] s_axis_tdata,
    input  wire logic                   s_axis_tvalid,
    output      logic                   s_axis_tready,
    output      logic                   tile_o,       // a word of weights waits, and no pass has claimed it
    input  wire logic                   claim_i,      // a pass does; only with tile_o
    input  wire logic                   swap_i,       // once after each claim
    output      logic [TILE_BITS-1:0]   weights_o,
    output      logic                   row_valid_o,
    output      logic                   row_bank_o,   // odd or even group
    output      logic [STEP_BITS-1:0]   row_number_o, // from 1: 1 is compared with first, 2 r and 2 r + 1 where r was not or was reached
    output      logic [ROW_BITS-1:0]    row_o,
    input  wire logic                   done_i        // the oldest group's thresholds are not needed any more
);

  localparam int unsigned TILE_WORDS = (TILE_BITS + STREAM_BITS - 1) / STREAM_BITS;
  localparam int unsigned ROW_WORDS = (ROW_BITS + STREAM_BITS - 1) / STREAM_BITS;
  localparam int unsigned WORDS = TILE_WORDS > ROW_WORDS ? TILE_WORDS : ROW_WORDS;
  localparam int unsigned COUNT_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam int unsigned BEFORE_BITS = $clog2(ROWS_BEFORE + 1);

  if (STREAM_BITS < 1 || TILES < 1 || STEP_BITS < 1) begin : g_check_sizes
    $error("%m: STREAM_BITS, TILES and STEP_BITS must be at least 1");
  end
  if (ROWS_BEFORE * TILES < 2 ** STEP_BITS - 1) begin : g_check_rows
    $error("%m: ROWS_BEFORE (%0d) before each of TILES (%0d) words are not 2**STEP_BITS - 1 rows", ROWS_BEFORE, TILES);
  end

  logic [COUNT_BITS-1:0] count;     // words taken of the item
  logic [STEP_BITS-1:0] row;        // the row that comes next, 0: none of this group
  logic [BEFORE_BITS-1:0] rows;   // rows since the last word of weights
  logic [1:0] groups;               // that are taken apart, with thresholds in use
  logic full, claimed, tile_last;
  // verilator lint_off UNUSEDSIGNAL
  logic [WORDS*STREAM_BITS-1:0] gathered;  // the last word highest; what fills a word up is not looked at
  // verilator lint_on UNUSEDSIGNAL

  wire is_row = row != '0 && rows != BEFORE_BITS'(ROWS_BEFORE);
  wire last = count == (is_row ? COUNT_BITS'(ROW_WORDS - 1) : COUNT_BITS'(TILE_WORDS - 1));
  assign s_axis_tready = !full && !(is_row && groups == 2'd2);
  wire take = s_axis_tvalid && s_axis_tready;
  wire group_taken = take && last && !is_row && tile_last;

  qu_loop_counter #(.COUNT(TILES)) tile (.clk_i, .rst_i, .step_i(take && last && !is_row), .last_o(tile_last));

  always_ff @(posedge clk_i) begin
    row_valid_o <= take && last && is_row;
    row_number_o <= row;
    if (take) begin
      count <= last ? '0 : count + 1'b1;
      if (last) rows <= is_row ? rows + 1'b1 : '0;
      if (last && is_row) row <= row + 1'b1;
      if (group_taken) row <= STEP_BITS'(1);
      if (last && !is_row) full <= 1'b1;
    end
    if (swap_i) {full, claimed} <= 2'b00;
    else if (claim_i) claimed <= 1'b1;
    groups <= groups + 2'(group_taken) - 2'(done_i);
    if (rst_i) begin
      count <= '0;
      rows <= '0;
      row <= STEP_BITS'(1);
      {full, claimed, row_valid_o} <= '0;
      groups <= '0;
    end
  end

  logic bank;
  always_ff @(posedge clk_i) begin
    row_bank_o <= bank;
    if (rst_i) bank <= 1'b0;
    else if (group_taken) bank <= !bank;
  end

  if (WORDS > 1) begin : g_gather
    always_ff @(posedge clk_i) if (take) gathered <= {s_axis_tdata, gathered[WORDS*STREAM_BITS-1:STREAM_BITS]};
  end else begin : g_hold
    always_ff @(posedge clk_i) if (take) gathered <= s_axis_tdata;
  end
  always_ff @(posedge clk_i) if (swap_i) weights_o <= gathered[(WORDS-TILE_WORDS)*STREAM_BITS+:TILE_BITS];
  assign row_o = gathered[(WORDS-ROW_WORDS)*STREAM_BITS+:ROW_BITS];
  assign tile_o = full && !claimed;

endmodule

`default_nettype wire
