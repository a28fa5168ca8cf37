// SPDX-License-Identifier: BSD-3-Clause
// At the accelerator's output: a frame's last word leaves only after all weights that the frame was made with are verified.
//
// So no frame is ever complete outside that was made with a word that is wrong or was not checked. Counts the frames.
`default_nettype none

module qu_weight_gate #(
    parameter int unsigned WORD_BITS = 8,   // bits of a word
    parameter int unsigned WORDS = 4,       // words of a frame, at least 1
    parameter int unsigned PORTS = 1,       // ports of the weights, at least 1
    parameter int unsigned FRAME_BITS = 3   // of a frame's number, modulo
) (
    input  wire logic                        clk_i,
    input  wire logic                        rst_i,       // also between runs
    input  wire logic [PORTS*FRAME_BITS-1:0] verified_i,  // frames of each port that are verified: as many as have left, or more
    output      logic [      FRAME_BITS-1:0] frames_o,    // frames that have left, modulo
    input  wire logic [       WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                        s_axis_tvalid,
    output      logic                        s_axis_tready,
    output      logic [       WORD_BITS-1:0] m_axis_tdata,
    output      logic                        m_axis_tvalid,
    input  wire logic                        m_axis_tready
);

  if (WORDS < 1 || PORTS < 1) begin : g_check_sizes
    $error("%m: WORDS and PORTS must be at least 1");
  end

  logic last, verified;
  always_comb begin
    verified = 1'b1;
    for (int p = 0; p < PORTS; p++) verified &= verified_i[p*FRAME_BITS+:FRAME_BITS] != frames_o;
  end
  wire open = !last || verified;
  assign m_axis_tdata = s_axis_tdata;
  assign m_axis_tvalid = s_axis_tvalid && open;
  assign s_axis_tready = m_axis_tready && open;
  wire pop = m_axis_tvalid && m_axis_tready;
  qu_loop_counter #(.COUNT(WORDS)) word (.clk_i, .rst_i, .step_i(pop), .last_o(last));
  always_ff @(posedge clk_i) begin
    if (rst_i) frames_o <= '0;
    else if (pop && last) frames_o <= frames_o + 1'b1;
  end

endmodule

`default_nettype wire
