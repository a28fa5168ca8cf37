// SPDX-License-Identifier: BSD-3-Clause
// Lookup table: each word out holds the results for the word in, lane by lane, in order. The tables are in proof.py.
`default_nettype none

module lookup_table_bench #(
    parameter int unsigned IN_BITS = 2,
    parameter int unsigned LANES = 2,
    localparam int unsigned WORD_BITS = IN_BITS * LANES
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [WORD_BITS-1:0] word;
  logic [2*LANES-1:0] m_axis_tdata;
  logic signed [2:0] ahead;

  qu_lookup_table #(
      .LANES(LANES), .IN_BITS(IN_BITS), .OUT_BITS(2), .MEMORY_PREFIX($sformatf("proof_%0d", IN_BITS))) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(2 * LANES)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(), .out_index_o(),
      .ahead_o(ahead));
  responds #(.CYCLES(1)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(s_axis_tvalid && m_axis_tready), .event_i(s_axis_tready));

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire [1:0] given = 2'(word[i*IN_BITS+:IN_BITS]);
    logic [1:0] expected;
    always_comb begin
      if (IN_BITS == 1) expected = given[0] ? 2'd1 : 2'd2;
      else begin
        case (given)
          2'd0: expected = 2'd1;
          2'd1: expected = 2'd3;
          2'd2: expected = 2'd0;
          default: expected = 2'd1;
        endcase
      end
      if (!off && m_axis_tvalid && followed) value : assert (seen && m_axis_tdata[i*2+:2] == expected);
    end
  end

  always_comb begin
    if (!off) stall : cover (m_axis_tvalid && !m_axis_tready);
  end

endmodule

`default_nettype wire
