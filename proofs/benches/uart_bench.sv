// SPDX-License-Identifier: BSD-3-Clause
// Serial line: the transmitter's line into the receiver gives every byte once, in order.
`default_nettype none

module uart_bench #(
    parameter int unsigned CLOCKS_PER_BIT = 4
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,
    input wire logic [7:0] s_axis_tdata,
    input wire logic       s_axis_tvalid
);

  logic s_axis_tready, line, valid, off, followed, seen;
  logic [7:0] data, word;
  logic signed [2:0] level;

  qu_uart_transmitter #(.CLOCKS_PER_BIT(CLOCKS_PER_BIT)) transmitter (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .txd_o(line));
  qu_uart_receiver #(.CLOCKS_PER_BIT(CLOCKS_PER_BIT)) receiver (
      .clk_i, .rst_i, .rxd_i(line), .data_o(data), .valid_o(valid));

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  scoreboard #(.WORD_BITS(8), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid(valid),
      .m_axis_tready(1'b1), .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(level));
  responds #(.CYCLES(10 * CLOCKS_PER_BIT + 4)) prompt (.clk_i, .rst_i(off), .due_i(level > 0), .event_i(valid));
  responds #(.CYCLES(10 * CLOCKS_PER_BIT + 1)) accepts (
      .clk_i, .rst_i(off), .due_i(s_axis_tvalid), .event_i(s_axis_tready));

  always_comb begin
    if (!off) begin
      if (valid && followed) order : assert (seen && data == word);
      nothing_invented : assert (!valid || level > 0);
      if (level == 0 && s_axis_tready) idle_line : assert (line);
    end
  end

endmodule

`default_nettype wire
