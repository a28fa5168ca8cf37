// SPDX-License-Identifier: BSD-3-Clause
// RATIO input words become one output word, the first in the lowest bits.
//
// s_axis_tready depends combinationally on m_axis_tready, so that a full output word and the next input word pass in one
// cycle without a second register.
`default_nettype none

module qu_widen #(
    parameter int unsigned IN_WORD_BITS = 8,  // bits of an input word, at least 1
    parameter int unsigned RATIO = 2      // input words per output word, at least 2
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [IN_WORD_BITS-1:0]       s_axis_tdata,
    input  wire logic                      s_axis_tvalid,
    output      logic                      s_axis_tready,
    output      logic [IN_WORD_BITS*RATIO-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  localparam int unsigned COUNT_BITS = $clog2(RATIO);

  logic [COUNT_BITS-1:0] count;  // words taken of the output word being collected
  wire last = count == COUNT_BITS'(RATIO - 1);
  wire take = s_axis_tvalid && s_axis_tready;

  assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (take) m_axis_tdata <= {s_axis_tdata, m_axis_tdata[IN_WORD_BITS*RATIO-1:IN_WORD_BITS]};
    if (take) count <= last ? '0 : count + 1'b1;
    if (s_axis_tready) m_axis_tvalid <= s_axis_tvalid && last;
    if (rst_i) begin
      count <= '0;
      m_axis_tvalid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
