// SPDX-License-Identifier: BSD-3-Clause
// Reply sender: packets of the length that their kind has, the result's bytes in order behind its head, offered bytes stay.
`default_nettype none

module reply_sender_bench #(
    parameter int unsigned RESULT_BYTES = 2
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,
    input wire logic       query_i,
    input wire logic       reset_done_i,
    input wire logic       refused_i,
    input wire logic [7:0] number_i,
    input wire logic [7:0] reason_i,
    input wire logic [7:0] frame_number_i,
    input wire logic       frame_valid_i,
    input wire logic [7:0] s_axis_tdata,
    input wire logic       s_axis_tvalid,
    input wire logic       m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, m_axis_tlast, frame_answered_o, off, followed, seen;
  logic [7:0] m_axis_tdata, word, kind;
  logic [5:0] position, length;  // of the byte on offer in its packet; bytes of that packet

  qu_reply_sender #(.RESULT_BYTES(RESULT_BYTES)) dut (
      .clk_i, .rst_i, .query_i, .reset_done_i, .refused_i, .number_i, .reason_i, .taken_i(16'd0), .answered_i(16'd0),
      .refusals_i(16'd0), .frame_number_i, .frame_valid_i, .frame_answered_o, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tdata, .m_axis_tlast, .m_axis_tvalid, .m_axis_tready);

  wire result = position != '0 && kind == 8'h83 && position >= 6'd2;

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(8), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(9)) m_rules (
      .clk_i, .rst_i(off), .tdata({m_axis_tlast, m_axis_tdata}), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(8)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tvalid(m_axis_tvalid && result), .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen),
      .word_o(word), .in_index_o(), .out_index_o(), .ahead_o());
  // While a result goes out, its next byte is offered as it comes.
  responds #(.CYCLES(1)) prompt (.clk_i, .rst_i(off), .due_i(result && s_axis_tvalid), .event_i(m_axis_tvalid));
  // A frame's first word is answered, unless other replies are always pending.
  responds #(.CYCLES(4)) begins (
      .clk_i, .rst_i(off || query_i || reset_done_i || refused_i || position != '0 || dut.query || dut.reset_done || dut.refused),
      .due_i(frame_valid_i && s_axis_tvalid), .event_i(m_axis_tvalid));

  always_ff @(posedge clk_i) begin
    if (off) position <= '0;
    else if (m_axis_tvalid && m_axis_tready) begin
      position <= m_axis_tlast ? '0 : position + 1'b1;
      if (position == '0) kind <= m_axis_tdata;
    end
  end

  always_comb begin
    case (position == '0 ? m_axis_tdata : kind)
      8'h81: length = 6'd17;
      8'h82: length = 6'd2;
      8'h83: length = 6'(2 + RESULT_BYTES);
      8'h84: length = 6'd3;
      default: length = '0;
    endcase
    if (!off) begin
      if (m_axis_tvalid) lengths : assert (length != '0 && m_axis_tlast == (position == length - 1'b1));
      if (m_axis_tvalid && result && followed) order : assert (seen && m_axis_tdata == word);
      answered : assert (frame_answered_o == (m_axis_tvalid && m_axis_tready && m_axis_tlast && result));
      result_end : cover (frame_answered_o);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
