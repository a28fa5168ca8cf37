// Frame numbers: first in, first out, 16 places. The bits of a number do not meet, so each is proved by itself.
`default_nettype none

module frame_numbers_bench #(
    parameter int unsigned BIT = 0
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,
    input wire logic [7:0] number_i,
    input wire logic       push_i,
    input wire logic       pop_i
);

  logic empty_o, full_o, off, followed, seen;
  logic [7:0] number_o;
  logic word;
  logic signed [5:0] level;

  frame_numbers dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  scoreboard #(.WIDTH(1), .FRAMES(16)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata(number_i[BIT]), .s_axis_tvalid(push_i), .s_axis_tready(!full_o),
      .m_axis_tvalid(!empty_o), .m_axis_tready(pop_i), .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word),
      .in_index_o(), .out_index_o(), .ahead_o(level));

  always_comb begin
    // What the module's ports ask of their user.
    assume (!(push_i && full_o) && !(pop_i && empty_o));
    if (!off) begin
      if (!empty_o && followed) order : assert (seen && number_o[BIT] == word);
      capacity : assert (full_o == (level == 16) && empty_o == (level == 0));
      full : cover (full_o);
    end
  end

endmodule

`default_nettype wire
