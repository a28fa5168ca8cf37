// SPDX-License-Identifier: BSD-3-Clause
// Max-pool over windows that do not overlap: running maxima of one row of windows.
//
// One word a cycle in. The maxima so far lie in a memory of WIDTH / KERNEL_W * FOLD words (FOLD words if KERNEL_H is 1,
// none if that leaves one word). Where the words of a pixel row of one window follow each other (FOLD = 1) the maximum
// is handed on in a register, since the memory is read a cycle before it is written.
// s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_max_pool #(
    parameter int unsigned ELEMENT_BITS = 8,  // bits of an element, at least 1
    parameter int unsigned IS_SIGNED    = 0,  // 1: elements in two's complement
    parameter int unsigned LANES        = 1,  // elements of a word, at least 1
    parameter int unsigned FOLD         = 1,  // words of a pixel, at least 1
    parameter int unsigned WIDTH        = 2,  // pixels of an input row, a multiple of KERNEL_W
    parameter int unsigned KERNEL_H     = 2,  // at least 1; the input's rows are a multiple of it
    parameter int unsigned KERNEL_W     = 2,  // at least 1
    parameter int unsigned BLOCK_RAM        = 0   // 1: row of maxima in block memory, 0: in distributed memory
) (
    input  wire logic                          clk_i,
    input  wire logic                          rst_i,
    input  wire logic [LANES*ELEMENT_BITS-1:0] s_axis_tdata,
    input  wire logic                          s_axis_tvalid,
    output      logic                          s_axis_tready,
    output      logic [LANES*ELEMENT_BITS-1:0] m_axis_tdata,
    output      logic                          m_axis_tvalid,
    input  wire logic                          m_axis_tready
);

  localparam int unsigned WORD_BITS = LANES * ELEMENT_BITS;
  localparam int unsigned WINDOWS = WIDTH / KERNEL_W;
  localparam int unsigned DEPTH = (KERNEL_H > 1 ? WINDOWS : 1) * FOLD;

  if (ELEMENT_BITS < 1 || LANES < 1) begin : g_check_word
    $error("%m: ELEMENT_BITS and LANES must be at least 1");
  end
  if (IS_SIGNED > 1) begin : g_check_signed
    $error("%m: IS_SIGNED (%0d) must be 0 or 1", IS_SIGNED);
  end
  if (FOLD < 1) begin : g_check_fold
    $error("%m: FOLD must be at least 1");
  end
  if (KERNEL_H < 1 || KERNEL_W < 1) begin : g_check_kernel
    $error("%m: KERNEL_H and KERNEL_W must be at least 1");
  end
  if (WINDOWS < 1 || WIDTH % KERNEL_W != 0) begin : g_check_width
    $error("%m: WIDTH (%0d) must be a multiple of KERNEL_W (%0d)", WIDTH, KERNEL_W);
  end

  // --- loop nest of the input: kernel row, window, kernel column, fold --------------------------------------------------
  logic enable, accept;
  logic fold_last, column_first, column_last, window_last, row_first, row_last;

  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign s_axis_tready = enable;
  assign accept        = enable && s_axis_tvalid;

  qu_loop_counter #(.COUNT(FOLD)) fold (
      .clk_i, .rst_i, .step_i(accept), .last_o(fold_last));
  qu_loop_counter #(.COUNT(KERNEL_W)) column (
      .clk_i, .rst_i, .step_i(accept && fold_last), .last_o(column_last));
  qu_loop_counter #(.COUNT(WINDOWS)) window (
      .clk_i, .rst_i, .step_i(accept && fold_last && column_last), .last_o(window_last));
  qu_loop_counter #(.COUNT(KERNEL_H)) row (
      .clk_i, .rst_i, .step_i(accept && fold_last && column_last && window_last), .last_o(row_last));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      column_first <= 1'b1;
      row_first    <= 1'b1;
    end else if (accept && fold_last) begin
      column_first <= column_last;
      if (column_last && window_last) row_first <= row_last;
    end
  end

  // --- first stage: the word, its place, and the read of the maximum so far ---------------------------------------------
  logic [WORD_BITS-1:0] word;
  logic valid, first, last;

  always_ff @(posedge clk_i) begin
    if (rst_i) valid <= 1'b0;
    else if (enable) valid <= s_axis_tvalid;
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      word  <= s_axis_tdata;
      first <= column_first && row_first;
      last  <= column_last && row_last;
    end
  end

  // --- second stage: compare, then store or send ------------------------------------------------------------------------
  logic [WORD_BITS-1:0] so_far, maximum;

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    localparam int unsigned LOW = i * ELEMENT_BITS;
    logic greater;
    if (IS_SIGNED != 0) begin : g_signed
      assign greater = $signed(word[LOW+:ELEMENT_BITS]) > $signed(so_far[LOW+:ELEMENT_BITS]);
    end else begin : g_unsigned
      assign greater = word[LOW+:ELEMENT_BITS] > so_far[LOW+:ELEMENT_BITS];
    end
    assign maximum[LOW+:ELEMENT_BITS] = (first || greater) ? word[LOW+:ELEMENT_BITS] : so_far[LOW+:ELEMENT_BITS];
  end

  assign m_axis_tdata  = maximum;
  assign m_axis_tvalid = valid && last;

  // --- maxima so far ----------------------------------------------------------------------------------------------------
  if (DEPTH == 1) begin : g_register
    always_ff @(posedge clk_i) begin
      if (enable && valid) so_far <= maximum;
    end
  end else begin : g_memory
    localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
    logic [ADDRESS_BITS-1:0] address, write_address;
    logic [WORD_BITS-1:0] stored;

    always_ff @(posedge clk_i) begin
      if (rst_i) address <= '0;
      else if (accept) begin
        if (!fold_last) address <= address + 1'b1;
        else if (KERNEL_H == 1) address <= '0;
        else if (!column_last) address <= address - ADDRESS_BITS'(FOLD - 1);
        else address <= window_last ? '0 : address + 1'b1;
      end
    end

    always_ff @(posedge clk_i) begin
      if (accept) write_address <= address;
    end

    qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) maxima (
        .clk_i,
        .write_i        (enable && valid),
        .write_address_i(write_address),
        .write_data_i   (maximum),
        .read_i         (accept),
        .read_address_i (address),
        .read_data_o    (stored)
    );

    if (FOLD == 1) begin : g_forward
      logic chained;  // not the first pixel of this row of the window
      logic [WORD_BITS-1:0] previous;  // maximum of the word before

      always_ff @(posedge clk_i) begin
        if (accept) chained <= !column_first;
        if (enable && valid) previous <= maximum;
      end
      assign so_far = chained ? previous : stored;
    end else begin : g_stored
      assign so_far = stored;
    end
  end

endmodule

`default_nettype wire
