// SPDX-License-Identifier: BSD-3-Clause
// One stream that waits in memory: a FIFO of any words, whose middle is a ring of bursts there; qu_ring_port moves the bursts.
//
// A row of the memory is as many words side by side as fit, with zeros above; a word of more bits than a row is several rows.
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

  localparam int unsigned LANES = WORD_BITS < 1 || WORD_BITS > BUS_BITS ? 1 : BUS_BITS / WORD_BITS;
  localparam int unsigned ROWS = (WORD_BITS + BUS_BITS - 1) / BUS_BITS;  // of a word, where it is not LANES words a row
  localparam int unsigned ROW_BITS = ROWS > 1 ? (WORD_BITS + ROWS - 1) / ROWS : LANES * WORD_BITS;

  if (WORD_BITS < 1) begin : g_check_bits
    $error("%m: WORD_BITS must be at least 1");
  end

  logic [ROW_BITS-1:0] in_tdata, out_tdata;
  logic in_tvalid, in_tready, out_tvalid, out_tready, empty;
  if (ROWS > 1) begin : g_wide
    logic [ROWS*ROW_BITS-1:0] word;
    wire unused = &{1'b0, empty, word};
    qu_narrow #(.OUT_WORD_BITS(ROW_BITS), .RATIO(ROWS)) narrow (
        .clk_i,
        .rst_i,
        .s_axis_tdata((ROWS * ROW_BITS)'(s_axis_tdata)),
        .s_axis_tvalid,
        .s_axis_tready,
        .m_axis_tdata(in_tdata),
        .m_axis_tvalid(in_tvalid),
        .m_axis_tready(in_tready)
    );
    qu_widen #(.IN_WORD_BITS(ROW_BITS), .RATIO(ROWS)) widen (
        .clk_i,
        .rst_i,
        .s_axis_tdata(out_tdata),
        .s_axis_tvalid(out_tvalid),
        .s_axis_tready(out_tready),
        .m_axis_tdata(word),
        .m_axis_tvalid,
        .m_axis_tready
    );
    assign m_axis_tdata = word[WORD_BITS-1:0];
  end else if (LANES > 1) begin : g_narrow
    qu_ring_words #(.WORD_BITS(WORD_BITS), .LANES(LANES)) words (
        .clk_i,
        .rst_i,
        .s_axis_tdata,
        .s_axis_tvalid,
        .s_axis_tready,
        .m_axis_tdata,
        .m_axis_tvalid,
        .m_axis_tready,
        .empty_i(empty),
        .m_row_tdata(in_tdata),
        .m_row_tvalid(in_tvalid),
        .m_row_tready(in_tready),
        .s_row_tdata(out_tdata),
        .s_row_tvalid(out_tvalid),
        .s_row_tready(out_tready)
    );
  end else begin : g_same
    wire unused = empty;
    assign in_tdata = s_axis_tdata;
    assign in_tvalid = s_axis_tvalid;
    assign s_axis_tready = in_tready;
    assign m_axis_tdata = out_tdata;
    assign m_axis_tvalid = out_tvalid;
    assign out_tready = m_axis_tready;
  end

  qu_ring_rows #(
      .ROW_BITS(ROW_BITS),
      .BUS_BITS(BUS_BITS),
      .BURST(BURST),
      .DEPTH(DEPTH),
      .RING_BITS(RING_BITS),
      .BLOCK_BITS(BLOCK_BITS),
      .FIRST(FIRST)
  ) rows (
      .clk_i,
      .rst_i,
      .s_axis_tdata(in_tdata),
      .s_axis_tvalid(in_tvalid),
      .s_axis_tready(in_tready),
      .m_axis_tdata(out_tdata),
      .m_axis_tvalid(out_tvalid),
      .m_axis_tready(out_tready),
      .empty_o(empty),
      .want_write_o,
      .write_i,
      .write_block_o,
      .write_row_o,
      .write_take_i,
      .written_i,
      .want_read_o,
      .read_i,
      .read_block_o,
      .row_i,
      .row_valid_i,
      .whole_i
  );

endmodule

`default_nettype wire
