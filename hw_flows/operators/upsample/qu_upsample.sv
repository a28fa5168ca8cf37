// SPDX-License-Identifier: BSD-3-Clause
// Nearest-neighbour upsampling: each pixel SCALE_W times, each row SCALE_H times, from a buffer of one input row.
//
// One word a cycle out. Word i of every row lies at address i: while a row is sent for the last time the next one is
// written behind the reader. `ahead` says that the writer is one row further than the reader.
// s_axis_tready does not depend on m_axis_tready.
`default_nettype none

module qu_upsample #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned FOLD      = 1,  // words of a pixel, at least 1
    parameter int unsigned WIDTH     = 2,  // pixels of an input row, at least 1
    parameter int unsigned SCALE_H   = 2,  // times a row is sent, at least 1
    parameter int unsigned SCALE_W   = 2,  // times a pixel is sent, at least 1
    parameter int unsigned BLOCK_RAM     = 0   // 1: row buffer in block memory, 0: in distributed memory
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

  localparam int unsigned ROW_WORDS = WIDTH * FOLD;
  localparam int unsigned DEPTH = ROW_WORDS > 1 ? ROW_WORDS : 2;
  localparam int unsigned ADDRESS_BITS = $clog2(DEPTH);
  localparam logic [ADDRESS_BITS-1:0] ADDRESS_LAST = ADDRESS_BITS'(ROW_WORDS - 1);

  if (WORD_BITS < 1) begin : g_check_word_bits
    $error("%m: WORD_BITS must be at least 1");
  end
  if (FOLD < 1 || WIDTH < 1) begin : g_check_row
    $error("%m: FOLD and WIDTH must be at least 1");
  end
  if (SCALE_H < 1 || SCALE_W < 1) begin : g_check_scale
    $error("%m: SCALE_H and SCALE_W must be at least 1");
  end

  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic write, read, enable, same_address, ahead;

  // --- loop nest of the words that are sent: repetition of the row, pixel, repetition of the pixel, fold --------------
  logic fold_last, copy_first, copy_last, row_end, repeat_first, repeat_last;

  assign row_end = fold_last && copy_last && read_address == ADDRESS_LAST;

  qu_loop_counter #(.COUNT(FOLD)) fold (
      .clk_i, .rst_i, .step_i(read), .last_o(fold_last));
  qu_loop_counter #(.COUNT(SCALE_W)) copy (
      .clk_i, .rst_i, .step_i(read && fold_last), .last_o(copy_last));
  qu_loop_counter #(.COUNT(SCALE_H)) repetition (
      .clk_i, .rst_i, .step_i(read && row_end), .last_o(repeat_last));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      copy_first   <= 1'b1;
      repeat_first <= 1'b1;
    end else if (read && fold_last) begin
      copy_first <= copy_last;
      if (row_end) repeat_first <= repeat_last;
    end
  end

  // --- who may move -----------------------------------------------------------------------------------------------------
  // In the same row the writer is never behind the reader, one row ahead never before it: equality tells enough.
  assign same_address  = write_address == read_address;
  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign read          = enable && (ahead || !same_address || !(repeat_first && copy_first));
  assign s_axis_tready = !ahead || (repeat_last && copy_last && !same_address);
  assign write         = s_axis_tvalid && s_axis_tready;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_address <= '0;
      read_address  <= '0;
      ahead         <= 1'b0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (write) write_address <= write_address == ADDRESS_LAST ? '0 : write_address + 1'b1;
      if (read) begin
        if (fold_last && !copy_last) read_address <= read_address - ADDRESS_BITS'(FOLD - 1);
        else read_address <= row_end ? '0 : read_address + 1'b1;
      end
      if (write && write_address == ADDRESS_LAST) ahead <= 1'b1;
      else if (read && row_end && repeat_last) ahead <= 1'b0;
      if (enable) m_axis_tvalid <= read;
    end
  end

  qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) row_buffer (
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
