// SPDX-License-Identifier: BSD-3-Clause
// Rows that wait in memory: every row comes out once, in order, and none is stuck, however long the port and the memory
// take for what they are asked. Only rows of bursts that were told to be whole leave; what others bring is anything.
`default_nettype none

module ring_rows_bench #(
    parameter int unsigned ROW_BITS = 1,
    parameter int unsigned BUS_BITS = 1,
    parameter int unsigned BURST = 2,
    parameter int unsigned DEPTH = 2,
    parameter int unsigned RING_BITS = 1,
    parameter int unsigned PROMPT = 16,
    localparam int unsigned BLOCK_BITS = RING_BITS + 1
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ROW_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready,
    // The port and the memory, free:
    input wire logic                 write_free_i,
    input wire logic                 take_free_i,
    input wire logic                 written_free_i,
    input wire logic                 read_free_i,
    input wire logic                 row_free_i,
    input wire logic                 damaged_i,       // the burst is not whole, and no later one
    input wire logic [ BUS_BITS-1:0] damage_i
);

  localparam int unsigned BURSTS = 2 ** RING_BITS;
  localparam int unsigned MOST = BURSTS * BURST + 2 * DEPTH;  // what fits: the ring and both buffers
  localparam int unsigned AHEAD_BITS = $clog2(MOST + 2) + 1;
  localparam int unsigned BEAT_BITS = $clog2(BURST);
  localparam logic [BLOCK_BITS-1:0] FIRST = BLOCK_BITS'(BURSTS);

  logic off, s_axis_tready, m_axis_tvalid, followed, seen, want_write_o, want_read_o, empty_o;
  logic [ROW_BITS-1:0] m_axis_tdata, word;
  logic signed [AHEAD_BITS-1:0] level;
  logic [BLOCK_BITS-1:0] write_block_o, read_block_o;
  logic [BUS_BITS-1:0] write_row_o;

  // The memory, and what is under way.
  logic [BUS_BITS-1:0] memory[BURSTS*BURST];
  logic sending, damaged;
  logic [BEAT_BITS-1:0] sent, row;
  logic [RING_BITS-1:0] sending_block, write_index, read_index, row_index;
  logic [RING_BITS:0] unanswered, answered, asked, used;  // bursts: written and not told; told and not read; asked for; all

  wire write = want_write_o && write_free_i && !sending;
  wire take = sending && take_free_i;
  wire sent_last = take && sent == BEAT_BITS'(BURST - 1);
  wire written = unanswered != '0 && written_free_i && !damaged;
  wire read = want_read_o && read_free_i && !damaged;
  wire row_valid = asked != '0 && row_free_i;
  wire row_last = row_valid && row == BEAT_BITS'(BURST - 1);
  wire whole = row_last && !damaged && !damaged_i;

  qu_ring_rows #(
      .ROW_BITS(ROW_BITS), .BUS_BITS(BUS_BITS), .BURST(BURST), .DEPTH(DEPTH), .RING_BITS(RING_BITS), .BLOCK_BITS(BLOCK_BITS),
      .FIRST(FIRST)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready, .empty_o, .want_write_o,
      .write_i(write), .write_block_o, .write_row_o, .write_take_i(take), .written_i(written), .want_read_o, .read_i(read),
      .read_block_o, .row_i(damaged || damaged_i ? damage_i : memory[{row_index, row}]), .row_valid_i(row_valid),
      .whole_i(whole));

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(ROW_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(ROW_BITS), .FRAMES(MOST)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));

  always_ff @(posedge clk_i) begin
    if (off) begin
      {sending, damaged} <= '0;
      {sent, row} <= '0;
      {write_index, read_index, row_index} <= '0;
      {unanswered, answered, asked, used} <= '0;
    end else begin
      sending <= write || (sending && !sent_last);
      if (write) sending_block <= write_block_o[RING_BITS-1:0];
      sent <= sent + BEAT_BITS'(take);
      row <= row + BEAT_BITS'(row_valid);
      damaged <= damaged || (row_valid && damaged_i);
      write_index <= write_index + RING_BITS'(write);
      read_index <= read_index + RING_BITS'(read);
      row_index <= row_index + RING_BITS'(row_last);
      unanswered <= unanswered + (RING_BITS + 1)'(sent_last) - (RING_BITS + 1)'(written);
      answered <= answered + (RING_BITS + 1)'(written) - (RING_BITS + 1)'(read);
      asked <= asked + (RING_BITS + 1)'(read) - (RING_BITS + 1)'(row_last);
      used <= used + (RING_BITS + 1)'(write) - (RING_BITS + 1)'(row_last);
    end
    if (take) memory[{sending_block, sent}] <= write_row_o;
  end

  // Where the port and the memory do at once what they can, every row comes out, and what fits comes in.
  wire idle_hands = (want_write_o && !sending && !write_free_i) || (sending && !take_free_i) || (unanswered != '0 && !written_free_i)
      || (want_read_o && !read_free_i) || (asked != '0 && !row_free_i) || damaged || damaged_i;
  responds #(.CYCLES(PROMPT)) prompt (
      .clk_i, .rst_i(off || idle_hands), .due_i(level > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(PROMPT)) accepts (
      .clk_i, .rst_i(off || idle_hands), .due_i(32'(level) < BURSTS * BURST + DEPTH), .event_i(s_axis_tready));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed) order : assert (seen && m_axis_tdata == word);
      empty : assert (empty_o == (level == '0));
      nothing_invented : assert (!m_axis_tvalid || level > 0);
      if (write) place_free : assert (used != (RING_BITS + 1)'(BURSTS));
      if (want_read_o && !damaged) answered_first : assert (answered != '0);
      in_turn : assert (write_block_o == {1'b1, write_index} && read_block_o == {1'b1, read_index});
      full : cover (used == (RING_BITS + 1)'(BURSTS) && !s_axis_tready);
      many : cover (32'(asked) * BURST == DEPTH);
      broken : cover (damaged && row_last);
    end
  end

endmodule

`default_nettype wire
