// SPDX-License-Identifier: BSD-3-Clause
// Gate: no frame's last word leaves before every port has verified that frame; all else passes, in order and at once.
`default_nettype none

module weight_gate_bench #(
    parameter int unsigned WORDS = 2,
    parameter int unsigned PORTS = 2,
    parameter int unsigned FRAME_BITS = 2
) (
    input wire logic             clk_i,
    input wire logic             rst_i,
    input wire logic [PORTS-1:0] step_i,  // free: a port verifies one more frame
    input wire logic [      1:0] s_axis_tdata,
    input wire logic             s_axis_tvalid,
    input wire logic             m_axis_tready
);

  localparam int unsigned LEAD = 2 ** FRAME_BITS - 1;
  logic s_axis_tready, m_axis_tvalid, off;
  logic [1:0] m_axis_tdata;
  logic [FRAME_BITS-1:0] frames_o;
  logic [PORTS*FRAME_BITS-1:0] verified_i;
  logic [$clog2(WORDS+1)-1:0] index;       // of the word on offer in its frame
  logic [FRAME_BITS:0] ahead[PORTS];       // frames that a port has verified and that have not left

  qu_weight_gate #(.WORD_BITS(2), .WORDS(WORDS), .PORTS(PORTS), .FRAME_BITS(FRAME_BITS)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(2), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(2)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));

  wire pop = m_axis_tvalid && m_axis_tready;
  wire last = 32'(index) == WORDS - 1;
  logic all;
  always_ff @(posedge clk_i) begin
    if (off) index <= '0;
    else if (pop) index <= last ? '0 : index + 1'b1;
  end
  for (genvar p = 0; p < PORTS; p++) begin : g_port
    always_ff @(posedge clk_i) begin
      if (off) begin
        verified_i[p*FRAME_BITS+:FRAME_BITS] <= '0;
        ahead[p] <= '0;
      end else begin
        verified_i[p*FRAME_BITS+:FRAME_BITS] <= verified_i[p*FRAME_BITS+:FRAME_BITS] + FRAME_BITS'(step_i[p]);
        ahead[p] <= ahead[p] + (FRAME_BITS + 1)'(step_i[p]) - (FRAME_BITS + 1)'(pop && last);
      end
    end
    always_comb begin
      // No port is further before what has left: qu_weight_requests.
      assume (!step_i[p] || 32'(ahead[p]) < LEAD);
      if (!off) counted : assert (32'(ahead[p]) <= LEAD && FRAME_BITS'(ahead[p]) == verified_i[p*FRAME_BITS+:FRAME_BITS] - frames_o);
    end
  end
  always_comb begin
    all = 1'b1;
    for (int p = 0; p < PORTS; p++) all &= ahead[p] != '0;
    if (!off) begin
      if (pop && last) withheld : assert (all);
      if (s_axis_tvalid && (!last || all)) passes : assert (m_axis_tvalid && s_axis_tready == m_axis_tready);
      if (m_axis_tvalid) order : assert (s_axis_tvalid && m_axis_tdata == s_axis_tdata);
      both : assert (pop == (s_axis_tvalid && s_axis_tready));
      frame_out : cover (pop && last);
      waits : cover (s_axis_tvalid && last && !all);
    end
  end

endmodule

`default_nettype wire
