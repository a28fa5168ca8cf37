// SPDX-License-Identifier: BSD-3-Clause
// Words of a stream side by side in rows, the first lowest, to and from a FIFO of rows. Only full rows go there; while it is empty,
// words pass it, as many as there are. So no word waits for one that comes after it.
//
// No handshake of one side of the stream depends combinationally on the other, where none of the FIFO does.
`default_nettype none

module qu_ring_words #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned LANES = 8       // words of a row, at least 2
) (
    input  wire logic                       clk_i,
    input  wire logic                       rst_i,
    input  wire logic [      WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                       s_axis_tvalid,
    output      logic                       s_axis_tready,
    output      logic [      WORD_BITS-1:0] m_axis_tdata,
    output      logic                       m_axis_tvalid,
    input  wire logic                       m_axis_tready,
    // The FIFO of rows:
    input  wire logic                       empty_i,        // no row inside
    output      logic [LANES*WORD_BITS-1:0] m_row_tdata,
    output      logic                       m_row_tvalid,
    input  wire logic                       m_row_tready,
    input  wire logic [LANES*WORD_BITS-1:0] s_row_tdata,
    input  wire logic                       s_row_tvalid,
    output      logic                       s_row_tready
);

  if (WORD_BITS < 1 || LANES < 2) begin : g_check_sizes
    $error("%m: WORD_BITS must be at least 1, LANES at least 2");
  end

  localparam int unsigned COUNT_BITS = $clog2(LANES + 1);
  localparam logic [COUNT_BITS-1:0] FULL = COUNT_BITS'(LANES);
  logic [LANES*WORD_BITS-1:0] gathered, given;
  logic [COUNT_BITS-1:0] count, left;  // words of each

  // Words that have no row before them go to the other side, also before they are a row.
  wire pass = empty_i && left == '0 && count != '0;
  assign m_row_tdata = gathered;
  assign m_row_tvalid = count == FULL && !pass;
  wire take = pass || (m_row_tvalid && m_row_tready);
  assign s_axis_tready = count != FULL || take;
  wire push = s_axis_tvalid && s_axis_tready;
  wire [COUNT_BITS-1:0] place = take ? '0 : count;
  always_ff @(posedge clk_i) begin
    if (rst_i) count <= '0;
    else count <= place + COUNT_BITS'(push);
    for (int i = 0; i < LANES; i++)
      if (push && place == COUNT_BITS'(i)) gathered[i*WORD_BITS+:WORD_BITS] <= s_axis_tdata;
  end

  assign m_axis_tvalid = left != '0;
  assign m_axis_tdata = given[WORD_BITS-1:0];
  wire pop = m_axis_tvalid && m_axis_tready;
  assign s_row_tready = left == '0 || (left == COUNT_BITS'(1) && m_axis_tready);
  wire row = s_row_tvalid && s_row_tready;
  always_ff @(posedge clk_i) begin
    if (row) given <= s_row_tdata;
    else if (pass) given <= gathered;
    else if (pop) given <= given >> WORD_BITS;
    if (rst_i) left <= '0;
    else if (row) left <= FULL;
    else if (pass) left <= count;
    else if (pop) left <= left - 1'b1;
  end

endmodule

`default_nettype wire
