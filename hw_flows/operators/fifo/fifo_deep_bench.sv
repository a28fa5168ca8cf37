// SPDX-License-Identifier: BSD-3-Clause
// FIFO of any depth: what fifo_bench proves, with the invariants that close induction, so that depth does not matter.
//
// They say where the followed word lies and what the counters count.
`default_nettype none

module fifo_deep_bench #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned DEPTH = 4,
    parameter int unsigned STYLE = 0
) (
    input wire logic             clk_i,
    input wire logic             rst_i,
    input wire logic             choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic             s_axis_tvalid,
    input wire logic             m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, coming, seen;
  logic [WORD_BITS-1:0] m_axis_tdata, word;
  localparam int unsigned AHEAD_BITS = $clog2(DEPTH + 2) + 1;
  logic signed [AHEAD_BITS-1:0] level;

  qu_fifo #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .STYLE(STYLE)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS), .FRAMES(DEPTH)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));
  responds #(.CYCLES(3)) prompt (
      .clk_i, .rst_i(off), .due_i(level != '0), .event_i(m_axis_tvalid));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed) order : assert (seen && m_axis_tdata == word);
      capacity : assert (s_axis_tready == (level != AHEAD_BITS'(DEPTH)));
      nothing_invented : assert (!m_axis_tvalid || level != '0);
      if (DEPTH <= 16) full : cover (level == AHEAD_BITS'(DEPTH));
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

  // The scoreboard by itself.
  always_comb begin
    if (!off) begin
      indices : assert (board.in_index_o == '0 && board.out_index_o == '0 && level >= 0);
      if (coming) comes_next : assert (board.followed && !board.taken);
      if (board.followed && !board.taken) not_in : assert (coming && 32'(board.queued) == 32'(level));
      if (board.followed && board.taken) still_in : assert (32'(board.queued) < 32'(level));
    end
  end

  // The followed word is `behind` places behind the oldest; `holds` where it is in a register or a memory.
  wire holds = !off && board.followed && board.taken;
  wire [31:0] behind = 32'(board.queued);
  if (STYLE == 0) begin : g_shift
    wire [31:0] oldest = 32'(dut.g_shift.storage.oldest);
    wire [31:0] last = oldest - behind;  // words move up: the newest is at 0
    always_comb if (!off) counted : assert (dut.g_shift.storage.oldest + 1'b1 == ($clog2(DEPTH) + 1)'(level));
    for (genvar i = 0; i < WORD_BITS; i++) begin : g_bit
      always_comb if (holds) place : assert (dut.g_shift.storage.g_shift.g_bit[i].words[last[$clog2(DEPTH)-1:0]] == board.word[i]);
    end
  end else if (STYLE == 1) begin : g_distributed
    wire [31:0] read = 32'(dut.g_distributed.storage.read_address);
    wire [31:0] write = 32'(dut.g_distributed.storage.write_address);
    wire [31:0] at = read + behind < DEPTH ? read + behind : read + behind - DEPTH;
    wire [31:0] next = read + 32'(level) < DEPTH ? read + 32'(level) : read + 32'(level) - DEPTH;
    always_comb begin
      if (!off) begin
        counted : assert (32'(dut.g_distributed.storage.count) == 32'(level) && read < DEPTH && write == next);
        if (holds) place : assert (dut.g_distributed.storage.words[at[$clog2(DEPTH)-1:0]] == board.word);
      end
    end
  end else begin : g_block
    localparam int unsigned WORDS = DEPTH - 1;
    localparam int unsigned BITS = $clog2(WORDS);
    wire [31:0] read = 32'(dut.g_block.storage.read_address);
    wire [31:0] write = 32'(dut.g_block.storage.write_address);
    wire [31:0] stored = 32'(level) - 32'(m_axis_tvalid);
    wire [31:0] at = read + behind - 32'(m_axis_tvalid);
    wire [31:0] wrapped = at < WORDS ? at : at - WORDS;
    wire [31:0] next = read + stored < WORDS ? read + stored : read + stored - WORDS;
    always_comb begin
      if (!off) begin
        counted : assert (32'(dut.g_block.storage.count) == 32'(level) && read < WORDS && write == next);
        // The memory has one place less than the FIFO: it is never asked to keep them all.
        room : assert (stored <= WORDS || !m_axis_tvalid);
        if (holds && !(m_axis_tvalid && behind == '0))
          place : assert (dut.g_block.storage.ram.memory[wrapped[BITS-1:0]] == board.word);
        if (holds && m_axis_tvalid && behind == '0) offered : assert (m_axis_tdata == board.word);
      end
    end
  end

endmodule

`default_nettype wire
