// SPDX-License-Identifier: BSD-3-Clause
// Frame numbers: first in, first out, 16 places.
`default_nettype none

module frame_numbers_bench (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,
    input wire logic [7:0] number_i,
    input wire logic       push_i,
    input wire logic       pop_i
);

  logic empty_o, full_o, off, followed, coming, seen;
  logic [7:0] number_o, word;

  logic signed [5:0] level;

  qu_frame_numbers dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  scoreboard #(.WORD_BITS(8), .FRAMES(16)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata(number_i), .s_axis_tvalid(push_i), .s_axis_tready(!full_o),
      .m_axis_tvalid(!empty_o), .m_axis_tready(pop_i), .followed_o(followed), .coming_o(coming), .seen_o(seen), .word_o(word),
      .in_index_o(), .out_index_o(), .ahead_o(level));

  always_comb begin
    // What the module's ports ask of their user.
    assume (!(push_i && full_o) && !(pop_i && empty_o));
    if (!off) begin
      if (!empty_o && followed) order : assert (seen && number_o == word);
      capacity : assert (full_o == (level == 16) && empty_o == (level == 0));
      // Where the followed number lies, and what the pointers count: with these, induction closes in one step.
      pointers : assert (5'(level) == dut.last - dut.first && level >= 0);
      if (board.followed && board.taken)
        place : assert (32'(board.queued) < 32'(level) && dut.memory[4'(dut.first+5'(board.queued))] == board.word);
      if (board.followed && !board.taken) not_in : assert (32'(board.queued) == 32'(level) && coming);
      if (coming) comes_next : assert (board.followed && !board.taken);
      indices : assert (board.in_index_o == '0 && board.out_index_o == '0);
      full : cover (full_o);
    end
  end

endmodule

`default_nettype wire
