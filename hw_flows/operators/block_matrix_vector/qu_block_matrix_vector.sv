// SPDX-License-Identifier: BSD-3-Clause
// Convolution with zeros around the image and thresholds behind, whose weights and thresholds come over a stream of their own,
// once for every block of ROWS rows.
//
// Words of the image hold LANES elements of a pixel, FOLD words a pixel; words out PE elements, GROUPS words a pixel, both in
// raster order. For every group of PE outputs the unit goes through the words of the kernel's window and for each of these through
// the pixels of the block; it keeps a sum for every pixel and lane. Nothing is interrupted within such a pass; one begins when
// its word of weights, the rows of the block and room for what it ends are there. qu_block_weights has the order of the stream,
// rtl.py what is in it. Neither s_axis_tready nor weights_tready depends on an input without a register.
`default_nettype none

module qu_block_matrix_vector #(
    parameter int unsigned HEIGHT = 4,          // rows of the image
    parameter int unsigned WIDTH = 4,           // pixels of a row
    parameter int unsigned LANES = 2,           // elements of a word of the image
    parameter int unsigned FOLD = 1,            // words of a pixel
    parameter int unsigned KERNEL_H = 3,        // odd
    parameter int unsigned KERNEL_W = 3,        // odd
    parameter int unsigned COLUMNS = 1,         // pixels of a window at once: 1 or KERNEL_W; SIMD is LANES * COLUMNS
    parameter int unsigned PE = 2,              // outputs at a time
    parameter int unsigned GROUPS = 2,          // groups of so many
    parameter int unsigned IN_BITS = 4,         // bits of an element of the image
    parameter int unsigned IN_SIGNED = 0,       // 1: these are two's complement
    parameter int unsigned WEIGHT_BITS = 4,     // bits of a weight, two's complement, at least 2
    parameter int unsigned ACC_BITS = 12,       // bits of a sum, with the errors of products in LUTs, and of a threshold
    parameter int unsigned STEP_BITS = 4,       // 2**STEP_BITS - 1 thresholds of an output
    parameter int unsigned OUT_BITS = 4,        // bits of an output
    parameter int BIAS = 0,                     // output where no threshold is reached
    parameter int unsigned USE_DSP = 0,         // products in: 0 LUTs, 1 a DSP slice each, 2 a DSP slice for two
    parameter int unsigned CHAIN = 2,           // products in a chain of adders, at most SIMD (products in LUTs)
    parameter int unsigned ROWS = 2,            // rows of a block
    parameter int unsigned BUFFER_ROWS = 6,     // rows that the memory of the image holds
    parameter int unsigned OUT_BLOCKS = 1,      // blocks that the memory of the results holds, 1 or 2
    parameter int unsigned STREAM_BITS = 8,     // bits of a word of the stream of weights
    parameter int unsigned ROWS_BEFORE = 1,     // rows of thresholds before each word of weights, as long as there are any
    parameter int unsigned BLOCK_INPUT = 0,     // 1: image in block memory, 0: in LUTs
    parameter int unsigned BLOCK_SUMS = 0,      // the same of the sums,
    parameter int unsigned BLOCK_OUTPUT = 0     // and of the results
) (
    input  wire logic                     clk_i,
    input  wire logic                     rst_i,
    input  wire logic [LANES*IN_BITS-1:0] s_axis_tdata,
    input  wire logic                     s_axis_tvalid,
    output      logic                     s_axis_tready,
    input  wire logic [STREAM_BITS-1:0]   weights_tdata,
    input  wire logic                     weights_tvalid,
    output      logic                     weights_tready,
    output      logic [PE*OUT_BITS-1:0]   m_axis_tdata,
    output      logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready
);

  localparam int unsigned SIMD = LANES * COLUMNS;
  localparam int unsigned PASSES = KERNEL_H * KERNEL_W / COLUMNS * FOLD;
  localparam bit LUTS = USE_DSP == 0;
  localparam int unsigned IN_TERM = USE_DSP == 2 ? 2 : LUTS ? CHAIN : 1;  // products in a term of the adder tree
  localparam int unsigned TERMS = (SIMD + IN_TERM - 1) / IN_TERM;
  localparam int unsigned MULTIPLY = LUTS ? (CHAIN * ((WEIGHT_BITS + 1) / 2) + 1) / 2 : 3;
  localparam int unsigned ADD = MULTIPLY + $clog2(TERMS);  // cycles from operands to their sum
  localparam int unsigned SUM_BITS = IN_BITS + WEIGHT_BITS + $clog2(IN_TERM) + $clog2(TERMS);

  if (USE_DSP > 2) begin : g_check_dsp
    $error("%m: USE_DSP (%0d) must be 0, 1 or 2", USE_DSP);
  end
  if (CHAIN < 1 || CHAIN > SIMD) begin : g_check_chain
    $error("%m: CHAIN (%0d) must be 1 to SIMD (%0d)", CHAIN, SIMD);
  end
  if (IN_BITS < 1 || WEIGHT_BITS < 2) begin : g_check_bits
    $error("%m: IN_BITS (%0d) must be at least 1, WEIGHT_BITS (%0d) at least 2", IN_BITS, WEIGHT_BITS);
  end

  wire tile, room, begins, result, swap;
  wire [SIMD*IN_BITS-1:0] data;
  wire [PE*SIMD*WEIGHT_BITS-1:0] weights;
  // What the operands of s cycles ago were: a pixel's, the last of a pass, of a group's first or last pass.
  logic [ADD-1:0] valid, last, first_pass, final_pass;

  qu_block_reader #(
      .WORD_BITS(LANES * IN_BITS),
      .FOLD(FOLD),
      .HEIGHT(HEIGHT),
      .WIDTH(WIDTH),
      .KERNEL_H(KERNEL_H),
      .KERNEL_W(KERNEL_W),
      .COLUMNS(COLUMNS),
      .GROUPS(GROUPS),
      .ROWS(ROWS),
      .BUFFER_ROWS(BUFFER_ROWS),
      .BLOCK_RAM(BLOCK_INPUT)
  ) reader (
      .clk_i,
      .rst_i,
      .s_axis_tdata,
      .s_axis_tvalid,
      .s_axis_tready,
      .weights_i(tile),
      .room_i(room),
      .begin_o(begins),
      .result_o(result),
      .swap_o(swap),
      .data_o(data),
      .valid_o(valid[0]),
      .last_o(last[0]),
      .first_o(first_pass[0]),
      .final_o(final_pass[0])
  );

  wire row_valid, row_bank, done, results_valid, results_last;
  wire [STEP_BITS-1:0] row_number;
  wire [PE*ACC_BITS-1:0] row;
  qu_block_weights #(
      .STREAM_BITS(STREAM_BITS),
      .TILE_BITS(PE * SIMD * WEIGHT_BITS),
      .TILES(PASSES),
      .ROW_BITS(PE * ACC_BITS),
      .STEP_BITS(STEP_BITS),
      .ROWS_BEFORE(ROWS_BEFORE)
  ) from_memory (
      .clk_i,
      .rst_i,
      .s_axis_tdata(weights_tdata),
      .s_axis_tvalid(weights_tvalid),
      .s_axis_tready(weights_tready),
      .tile_o(tile),
      .claim_i(begins),
      .swap_i(swap),
      .weights_o(weights),
      .row_valid_o(row_valid),
      .row_bank_o(row_bank),
      .row_number_o(row_number),
      .row_o(row),
      .done_i(done)
  );

  if (ADD > 1) begin : g_delay
    always_ff @(posedge clk_i) begin
      if (rst_i) valid[ADD-1:1] <= '0;
      else valid[ADD-1:1] <= valid[ADD-2:0];
      last[ADD-1:1] <= last[ADD-2:0];
      first_pass[ADD-1:1] <= first_pass[ADD-2:0];
      final_pass[ADD-1:1] <= final_pass[ADD-2:0];
    end
  end

  wire [PE*SUM_BITS-1:0] sums;
  for (genvar p = 0; p < PE; p++) begin : g_pe
    if (!LUTS) begin : g_dsp
      qu_multipliers #(
          .SIMD(SIMD),
          .IN_BITS(IN_BITS),
          .IN_SIGNED(IN_SIGNED),
          .WEIGHT_BITS(WEIGHT_BITS),
          .PAIRS(USE_DSP == 2 ? 1 : 0),
          .SUM_BITS(SUM_BITS)
      ) products (
          .clk_i,
          .advance_i(1'b1),
          .data_i(data),
          .weights_i(weights[p*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS]),
          .sum_o(sums[p*SUM_BITS+:SUM_BITS])
      );
    end else begin : g_lut
      qu_dot_product #(
          .SIMD(SIMD),
          .CHAIN(CHAIN),
          .IN_BITS(IN_BITS),
          .IN_SIGNED(IN_SIGNED),
          .WEIGHT_BITS(WEIGHT_BITS),
          .SUM_BITS(SUM_BITS)
      ) products (
          .clk_i,
          .advance_i(1'b1),
          .data_i(data),
          .weights_i(weights[p*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS]),
          .sum_o(sums[p*SUM_BITS+:SUM_BITS])
      );
    end
  end

  wire [PE*ACC_BITS-1:0] complete;
  wire complete_valid, complete_last;
  qu_block_sums #(
      .PIXELS(ROWS * WIDTH),
      .PE(PE),
      .SUM_BITS(SUM_BITS),
      .ACC_BITS(ACC_BITS),
      .PASSES(PASSES),
      .BLOCK_RAM(BLOCK_SUMS)
  ) accumulate (
      .clk_i,
      .rst_i,
      .valid_i(valid[ADD-1]),
      .last_i(last[ADD-1]),
      .first_i(first_pass[ADD-1]),
      .final_i(final_pass[ADD-1]),
      .sums_i(sums),
      .data_o(complete),
      .valid_o(complete_valid),
      .last_o(complete_last)
  );

  wire [PE*STEP_BITS-1:0] steps;
  qu_block_thresholds #(
      .PE(PE),
      .STEP_BITS(STEP_BITS),
      .IN_BITS(ACC_BITS)
  ) quantize (
      .clk_i,
      .rst_i,
      .row_valid_i(row_valid),
      .row_bank_i(row_bank),
      .row_number_i(row_number),
      .row_i(row),
      .data_i(complete),
      .valid_i(complete_valid),
      .last_i(complete_last),
      .steps_o(steps),
      .valid_o(results_valid),
      .last_o(results_last)
  );
  assign done = results_valid && results_last;

  wire [PE*OUT_BITS-1:0] results;
  for (genvar p = 0; p < PE; p++) begin : g_result
    assign results[p*OUT_BITS+:OUT_BITS] = OUT_BITS'(32'(steps[p*STEP_BITS+:STEP_BITS]) + BIAS);
  end

  qu_block_writer #(
      .WORD_BITS(PE * OUT_BITS),
      .GROUPS(GROUPS),
      .HEIGHT(HEIGHT),
      .WIDTH(WIDTH),
      .ROWS(ROWS),
      .BLOCKS(OUT_BLOCKS),
      .BLOCK_RAM(BLOCK_OUTPUT)
  ) writer (
      .clk_i,
      .rst_i,
      .room_o(room),
      .begin_i(begins && result),
      .data_i(results),
      .valid_i(results_valid),
      .last_i(results_last),
      .m_axis_tdata,
      .m_axis_tvalid,
      .m_axis_tready
  );

endmodule

`default_nettype wire
