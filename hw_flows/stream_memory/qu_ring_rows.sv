// SPDX-License-Identifier: BSD-3-Clause
// A FIFO of rows whose middle is a ring of bursts in memory; qu_ring_port moves the bursts.
//
// Rows wait in a buffer before the ring and in one behind it. While the ring is empty they pass from the first to the second, so a
// burst is written only of whole rows that find no place behind the ring, and no row waits for one that comes after it.
// No handshake of one side depends combinationally on the other. At least 2**RING_BITS * BURST + DEPTH rows fit.
`default_nettype none

module qu_ring_rows #(
    parameter int unsigned ROW_BITS = 64,   // bits of a row that are used, at least 1
    parameter int unsigned BUS_BITS = 64,   // bits of a row of the memory, at least as many
    parameter int unsigned BURST = 16,      // rows of a burst, a power of two from 2 on
    parameter int unsigned DEPTH = 32,      // rows of each buffer, a power of two from BURST on
    parameter int unsigned RING_BITS = 4,   // the ring has 2**RING_BITS bursts, at least 2
    parameter int unsigned BLOCK_BITS = 8,  // of a burst's number in the memory of all rings
    parameter logic [BLOCK_BITS-1:0] FIRST = '0  // the ring's first burst there, a multiple of 2**RING_BITS
) (
    input  wire logic                  clk_i,
    input  wire logic                  rst_i,
    input  wire logic [  ROW_BITS-1:0] s_axis_tdata,
    input  wire logic                  s_axis_tvalid,
    output      logic                  s_axis_tready,
    output      logic [  ROW_BITS-1:0] m_axis_tdata,
    output      logic                  m_axis_tvalid,
    input  wire logic                  m_axis_tready,
    output      logic                  empty_o,        // no row in either buffer or in the ring
    // A burst to write:
    output      logic                  want_write_o,
    input  wire logic                  write_i,        // it is, and is the next at write_block_o; not before all of the last are taken
    output      logic [BLOCK_BITS-1:0] write_block_o,
    output      logic [  BUS_BITS-1:0] write_row_o,
    input  wire logic                  write_take_i,   // write_row_o is taken
    input  wire logic                  written_i,      // the oldest burst that was not, is in memory
    // A burst to read:
    output      logic                  want_read_o,
    input  wire logic                  read_i,         // it is, and is the next at read_block_o
    output      logic [BLOCK_BITS-1:0] read_block_o,
    input  wire logic [  BUS_BITS-1:0] row_i,
    input  wire logic                  row_valid_i,    // row_i has come
    input  wire logic                  whole_i         // with a burst's last row: all of it is as it should be
);

  localparam int unsigned PLACE_BITS = $clog2(DEPTH);
  localparam int unsigned LEVEL_BITS = PLACE_BITS + 1;

  if (ROW_BITS < 1 || ROW_BITS > BUS_BITS || RING_BITS < 1 || BURST < 2) begin : g_check_sizes
    $error("%m: ROW_BITS must be 1 to BUS_BITS, RING_BITS at least 1, BURST at least 2");
  end
  if (BURST != 2 ** $clog2(BURST) || DEPTH != 2 ** PLACE_BITS || DEPTH < BURST) begin : g_check_powers
    $error("%m: BURST (%0d) and DEPTH (%0d) must be powers of two, DEPTH at least BURST", BURST, DEPTH);
  end
  if (BLOCK_BITS < RING_BITS || FIRST % (1 << RING_BITS) != 0) begin : g_check_first
    $error("%m: FIRST (%0d) must be a multiple of the ring's bursts", FIRST);
  end

  // --- the buffers --------------------------------------------------------------------------------------------------------
  (* ram_style = "distributed" *) logic [ROW_BITS-1:0] in_rows[DEPTH];
  (* ram_style = "distributed" *) logic [ROW_BITS-1:0] out_rows[DEPTH];
  logic [PLACE_BITS-1:0] in_write, in_read, out_write, out_read;
  logic [LEVEL_BITS-1:0] in_level;  // rows inside
  logic [LEVEL_BITS-1:0] out_level;  // rows inside that are known to be right
  logic [LEVEL_BITS-1:0] out_taken;  // those, and places for what has been asked for
  logic [RING_BITS:0] filled;    // bursts from when they are written until they have come back
  logic [RING_BITS:0] readable;  // bursts that are in memory and have not been asked for
  wire ring_empty = filled == '0;
  wire out_place = out_taken != LEVEL_BITS'(DEPTH);
  wire push = s_axis_tvalid && s_axis_tready;
  wire pass = in_level != '0 && ring_empty && out_place;
  wire pop = m_axis_tvalid && m_axis_tready;
  wire leave = pass || write_take_i;
  assign empty_o = in_level == '0 && out_level == '0 && ring_empty;
  assign s_axis_tready = in_level != LEVEL_BITS'(DEPTH);
  assign m_axis_tvalid = out_level != '0;
  assign m_axis_tdata = out_rows[out_read];
  wire [ROW_BITS-1:0] oldest = in_rows[in_read];

  // How a level changes, as one number to add: a burst more or one row more, and one less.
  function automatic logic [LEVEL_BITS-1:0] change(input logic burst, input logic more, input logic less);
    if (burst) return less ? LEVEL_BITS'(BURST - 1) : LEVEL_BITS'(BURST);
    return more == less ? '0 : less ? '1 : LEVEL_BITS'(1);
  endfunction

  wire [BUS_BITS-1:0] came = pass ? BUS_BITS'(oldest) : row_i;
  if (ROW_BITS < BUS_BITS) begin : g_padded
    wire unused = &{1'b0, came[BUS_BITS-1:ROW_BITS]};
  end
  always_ff @(posedge clk_i) begin
    if (push) in_rows[in_write] <= s_axis_tdata;
    if (pass || row_valid_i) out_rows[out_write] <= came[ROW_BITS-1:0];
    if (rst_i) begin
      in_write <= '0;
      in_read  <= '0;
      out_write <= '0;
      out_read  <= '0;
      in_level <= '0;
      out_level <= '0;
      out_taken <= '0;
    end else begin
      in_write <= in_write + PLACE_BITS'(push);
      in_read  <= in_read + PLACE_BITS'(leave);
      out_write <= out_write + PLACE_BITS'(pass || row_valid_i);
      out_read  <= out_read + PLACE_BITS'(pop);
      in_level <= in_level + change(1'b0, push, leave);
      out_level <= out_level + change(whole_i, pass, pop);
      out_taken <= out_taken + change(read_i, pass, pop);
    end
  end

  // --- the ring -----------------------------------------------------------------------------------------------------------
  logic [RING_BITS-1:0] write_index, read_index;
  assign want_write_o = in_level >= LEVEL_BITS'(BURST) && !filled[RING_BITS] && !(ring_empty && out_place);
  assign want_read_o = readable != '0 && out_taken <= LEVEL_BITS'(DEPTH - BURST);
  assign write_block_o = FIRST | BLOCK_BITS'(write_index);
  assign read_block_o = FIRST | BLOCK_BITS'(read_index);
  assign write_row_o = BUS_BITS'(oldest);
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_index <= '0;
      read_index <= '0;
      filled <= '0;
      readable <= '0;
    end else begin
      write_index <= write_index + RING_BITS'(write_i);
      read_index <= read_index + RING_BITS'(read_i);
      if (write_i != whole_i) filled <= filled + {{RING_BITS{whole_i}}, 1'b1};
      if (written_i != read_i) readable <= readable + {{RING_BITS{read_i}}, 1'b1};
    end
  end

endmodule

`default_nettype wire
