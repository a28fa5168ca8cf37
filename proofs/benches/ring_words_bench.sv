// SPDX-License-Identifier: BSD-3-Clause
// Words in rows, to and from a FIFO of rows: every word comes out once, in order, however few come after it; only full rows go to
// the FIFO. The FIFO takes and gives rows when it likes.
`default_nettype none

module ring_words_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned LANES = 2,
    parameter int unsigned ROWS = 2,     // of the FIFO
    localparam int unsigned ROW_BITS = LANES * WORD_BITS
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready,
    input wire logic                 row_in_i,       // free: a row may go into the FIFO
    input wire logic                 row_out_i       // free: the next row of the FIFO comes to its output
);

  localparam int unsigned MOST = (ROWS + 2) * LANES;
  localparam int unsigned AHEAD_BITS = $clog2(MOST + 2) + 1;
  logic off, s_axis_tready, m_axis_tvalid, followed, seen, m_row_tvalid, s_row_tvalid, s_row_tready, offered;
  logic [WORD_BITS-1:0] m_axis_tdata, word;
  logic [ROW_BITS-1:0] m_row_tdata, s_row_tdata;
  logic signed [AHEAD_BITS-1:0] level;

  // The FIFO.
  logic [ROW_BITS-1:0] rows[ROWS];
  logic [$clog2(ROWS+1)-1:0] count;
  wire m_row_tready = row_in_i && 32'(count) < ROWS;
  wire row_push = m_row_tvalid && m_row_tready;
  wire row_pop = s_row_tvalid && s_row_tready;
  assign s_row_tvalid = count != '0 && (offered || row_out_i);
  assign s_row_tdata = rows[0];
  always_ff @(posedge clk_i) begin
    if (off) begin
      count <= '0;
      offered <= 1'b0;
    end else begin
      count <= count + $bits(count)'(row_push) - $bits(count)'(row_pop);
      offered <= s_row_tvalid && !s_row_tready;
    end
    for (int i = 0; i < ROWS; i++) begin
      if (row_pop && i + 1 < ROWS) rows[i] <= rows[(i+1)%ROWS];
      if (row_push && 32'(count) == i + 32'(row_pop)) rows[i] <= m_row_tdata;
    end
  end

  qu_ring_words #(.WORD_BITS(WORD_BITS), .LANES(LANES)) dut (.*, .empty_i(count == '0));

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS), .FRAMES(MOST)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));
  responds #(.CYCLES(3)) prompt (
      .clk_i, .rst_i(off || (count != '0 && !s_row_tvalid)), .due_i(level > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off || !m_row_tready), .due_i(1'b1), .event_i(s_axis_tready));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed) order : assert (seen && m_axis_tdata == word);
      nothing_invented : assert (!m_axis_tvalid || level > 0);
      full : cover (32'(level) == MOST);
      passes : cover (followed && seen && m_axis_tvalid && 32'(level) < LANES);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
