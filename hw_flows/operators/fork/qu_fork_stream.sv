// SPDX-License-Identifier: BSD-3-Clause
// Copies a stream to OUTPUTS streams; each output takes a word on its own cycle, the input when all have it.
//
// One word a cycle. No data registers: the outputs follow the input combinationally and s_axis_tready follows
// m_axis_tready.
`default_nettype none

module qu_fork_stream #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned OUTPUTS   = 2   // number of copies, at least 1
) (
    input  wire logic                         clk_i,
    input  wire logic                         rst_i,
    input  wire logic [        WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                         s_axis_tvalid,
    output      logic                         s_axis_tready,
    output      logic [OUTPUTS*WORD_BITS-1:0] m_axis_tdata,
    output      logic [          OUTPUTS-1:0] m_axis_tvalid,
    input  wire logic [          OUTPUTS-1:0] m_axis_tready
);

  if (WORD_BITS < 1) begin : g_check_word_bits
    $error("%m: WORD_BITS must be at least 1");
  end
  if (OUTPUTS < 1) begin : g_check_outputs
    $error("%m: OUTPUTS must be at least 1");
  end

  logic [OUTPUTS-1:0] done;  // outputs that already have the current word

  assign m_axis_tdata  = {OUTPUTS{s_axis_tdata}};
  assign m_axis_tvalid = {OUTPUTS{s_axis_tvalid}} & ~done;
  assign s_axis_tready = &(m_axis_tready | done);

  always_ff @(posedge clk_i) begin
    if (rst_i || s_axis_tready) done <= '0;
    else done <= done | (m_axis_tready & m_axis_tvalid);
  end

endmodule

`default_nettype wire
