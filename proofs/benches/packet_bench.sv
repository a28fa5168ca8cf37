// SPDX-License-Identifier: BSD-3-Clause
// Packets: what the transmitter frames the receiver gives out again: the packet's bytes in order, then the four of the check
// sum, then the end, intact.
//
// The followed byte is one of the packet at a free place.
`default_nettype none

module packet_bench #(
    parameter int unsigned BYTES = 2,  // of every packet
    parameter int unsigned CHECK = 0   // 1: the check sum too, 0: what does not depend on its value
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,
    input wire logic [2:0] place_i,
    input wire logic [7:0] s_axis_tdata,
    input wire logic       s_axis_tvalid,
    input wire logic       m_axis_tready  // the line takes a byte
);

  logic s_axis_tready, m_axis_tvalid, valid_o, end_o, intact_o, off, followed, seen;
  logic [7:0] m_axis_tdata, data_o, word;
  logic [2:0] out_index;
  logic [$clog2(BYTES + 1)-1:0] in_index;
  logic signed [2:0] ahead;

  qu_packet_transmitter transmitter (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tlast(32'(in_index) == BYTES - 1), .s_axis_tvalid, .s_axis_tready,
      .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);
  qu_packet_receiver receiver (
      .clk_i, .rst_i, .data_i(m_axis_tdata), .valid_i(m_axis_tvalid && m_axis_tready), .data_o, .valid_o, .end_o, .intact_o);

  environment #(.CONSTANT_BITS(3)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(8), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(8)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(8), .IN_WORDS(BYTES), .OUT_WORDS(BYTES + 4), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(place_i[$clog2(BYTES+1)-1:0]), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tvalid(valid_o), .m_axis_tready(1'b1), .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word),
      .in_index_o(in_index), .out_index_o(out_index), .ahead_o(ahead));

  logic whole;  // a packet's bytes and check sum are out, its end is not
  always_ff @(posedge clk_i) begin
    if (off || end_o) whole <= 1'b0;
    else if (valid_o && 32'(out_index) == BYTES + 3) whole <= 1'b1;
  end

  always_comb begin
    assume (32'(place_i) < BYTES);
    if (!off) begin
      if (valid_o && followed && out_index == place_i) order : assert (seen && data_o == word);
      if (end_o) ended : assert (whole);
      if (whole) no_more : assert (!valid_o);
      packet_end : cover (end_o);
    end
  end

  if (CHECK != 0) begin : g_check
    always_comb if (!off && end_o) intact : assert (intact_o);
  end

endmodule

`default_nettype wire
