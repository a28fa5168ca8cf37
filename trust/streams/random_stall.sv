// SPDX-License-Identifier: BSD-3-Clause
// Passes a stream on, but in about three cycles of ten neither offers a word nor takes one.
//
// A word that was offered stays offered, as the rules want it. Every instance has its own sequence (xorshift, G. Marsaglia).
`default_nettype none

module random_stall #(
    parameter int unsigned WIDTH = 8,  // bits of a word
    parameter int unsigned SEED = 1    // not 0
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WIDTH-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WIDTH-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  logic [31:0] state;
  logic offered;  // the word has been shown to the other side
  wire [31:0] first = state ^ (state << 13);
  wire [31:0] second = first ^ (first >> 17);
  wire go = offered || state[7:0] >= 8'd77;

  assign m_axis_tdata  = s_axis_tdata;
  assign m_axis_tvalid = s_axis_tvalid && go;
  assign s_axis_tready = m_axis_tready && go;

  always_ff @(posedge clk_i) begin
    state   <= second ^ (second << 5);
    offered <= m_axis_tvalid && !m_axis_tready;
    if (rst_i) begin
      state   <= SEED;
      offered <= 1'b0;
    end
  end

endmodule

`default_nettype wire
