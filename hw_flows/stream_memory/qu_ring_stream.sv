// SPDX-License-Identifier: BSD-3-Clause
// One stream that waits in memory: a FIFO whose middle is a ring of bursts there; qu_ring_port moves the bursts.
//
// Rows of the memory, LANES words of the stream each with zeros above, wait in a buffer before the ring and in one behind it.
// While the ring is empty, rows pass from the first to the second; while that is empty too, words pass that are fewer than a row.
// So every row in memory and in the buffers is full, a burst is written only of whole rows that find no place behind the ring,
// and no word waits for one that comes after it. A word of more than 64 bits is several rows.
// No handshake of one side depends combinationally on the other. At least 2**RING_BITS * BURST + DEPTH rows fit.
`default_nettype none

module qu_ring_stream #(
    parameter int unsigned WORD_BITS = 8,   // bits of a word, at least 1
    parameter int unsigned BUS_BITS = 64,   // bits of a row of the memory
    parameter int unsigned BURST = 16,      // rows of a burst, a power of two from 2 on
    parameter int unsigned DEPTH = 32,      // rows of each buffer, a power of two from BURST on
    parameter int unsigned RING_BITS = 4,   // the ring has 2**RING_BITS bursts, at least 2
    parameter int unsigned BLOCK_BITS = 8,  // of a burst's number in the memory of all rings
    parameter logic [BLOCK_BITS-1:0] FIRST = '0  // the ring's first burst there, a multiple of 2**RING_BITS
) (
    input  wire logic                  clk_i,
    input  wire logic                  rst_i,
    input  wire logic [ WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                  s_axis_tvalid,
    output      logic                  s_axis_tready,
    output      logic [ WORD_BITS-1:0] m_axis_tdata,
    output      logic                  m_axis_tvalid,
    input  wire logic                  m_axis_tready,
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

  localparam int unsigned LANES = WORD_BITS > BUS_BITS ? 1 : BUS_BITS / WORD_BITS;
  localparam int unsigned ROWS = (WORD_BITS + BUS_BITS - 1) / BUS_BITS;  // of a word, where it is not LANES words a row
  localparam int unsigned ROW_BITS = ROWS > 1 ? (WORD_BITS + ROWS - 1) / ROWS : LANES * WORD_BITS;
  localparam int unsigned PLACE_BITS = $clog2(DEPTH);
  localparam int unsigned LEVEL_BITS = PLACE_BITS + 1;

  if (WORD_BITS < 1 || RING_BITS < 1 || BURST < 2) begin : g_check_sizes
    $error("%m: WORD_BITS and RING_BITS must be at least 1, BURST at least 2");
  end
  if (BURST != 2 ** $clog2(BURST) || DEPTH != 2 ** PLACE_BITS || DEPTH < BURST) begin : g_check_powers
    $error("%m: BURST (%0d) and DEPTH (%0d) must be powers of two, DEPTH at least BURST", BURST, DEPTH);
  end
  if (BLOCK_BITS < RING_BITS || FIRST % (1 << RING_BITS) != 0) begin : g_check_first
    $error("%m: FIRST (%0d) must be a multiple of the ring's bursts", FIRST);
  end

  // --- words to rows ------------------------------------------------------------------------------------------------------
  logic [ROW_BITS-1:0] in_row, out_row;
  logic in_valid, in_ready, out_valid, out_ready;
  logic nothing;  // no row in either buffer or in the ring
  if (ROWS > 1) begin : g_wide
    logic [ROWS*ROW_BITS-1:0] word;
    qu_narrow #(.OUT_WORD_BITS(ROW_BITS), .RATIO(ROWS)) narrow (
        .clk_i,
        .rst_i,
        .s_axis_tdata((ROWS * ROW_BITS)'(s_axis_tdata)),
        .s_axis_tvalid,
        .s_axis_tready,
        .m_axis_tdata(in_row),
        .m_axis_tvalid(in_valid),
        .m_axis_tready(in_ready)
    );
    qu_widen #(.IN_WORD_BITS(ROW_BITS), .RATIO(ROWS)) widen (
        .clk_i,
        .rst_i,
        .s_axis_tdata(out_row),
        .s_axis_tvalid(out_valid),
        .s_axis_tready(out_ready),
        .m_axis_tdata(word),
        .m_axis_tvalid,
        .m_axis_tready
    );
    wire unused = &{1'b0, nothing, word};
    assign m_axis_tdata = word[WORD_BITS-1:0];
  end else if (LANES > 1) begin : g_narrow
    localparam int unsigned COUNT_BITS = $clog2(LANES + 1);
    logic [COUNT_BITS-1:0] count;
    logic empty;
    wire pass = nothing && empty && count != '0;
    assign in_valid = count == COUNT_BITS'(LANES) && !pass;
    qu_ring_pack #(.WORD_BITS(WORD_BITS), .LANES(LANES)) pack (
        .clk_i,
        .rst_i,
        .s_axis_tdata,
        .s_axis_tvalid,
        .s_axis_tready,
        .words_o(in_row),
        .count_o(count),
        .take_i(pass || (in_valid && in_ready))
    );
    qu_ring_unpack #(.WORD_BITS(WORD_BITS), .LANES(LANES)) unpack (
        .clk_i,
        .rst_i,
        .row_i(out_row),
        .valid_i(out_valid),
        .ready_o(out_ready),
        .empty_o(empty),
        .words_i(in_row),
        .count_i(count),
        .take_i(pass),
        .m_axis_tdata,
        .m_axis_tvalid,
        .m_axis_tready
    );
  end else begin : g_same
    wire unused = nothing;
    assign in_row = s_axis_tdata;
    assign in_valid = s_axis_tvalid;
    assign s_axis_tready = in_ready;
    assign m_axis_tdata = out_row;
    assign m_axis_tvalid = out_valid;
    assign out_ready = m_axis_tready;
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
  wire push = in_valid && in_ready;
  wire pass = in_level != '0 && ring_empty && out_place;
  wire pop = out_valid && out_ready;
  wire leave = pass || write_take_i;
  assign nothing = in_level == '0 && out_level == '0 && ring_empty;
  assign in_ready = in_level != LEVEL_BITS'(DEPTH);
  assign out_valid = out_level != '0;
  assign out_row = out_rows[out_read];
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
    if (push) in_rows[in_write] <= in_row;
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
