// SPDX-License-Identifier: BSD-3-Clause
// Same bits in words of another width, at full rate; lowest bits first.
`default_nettype none

module qu_width_converter #(
    parameter int unsigned IN_WORD_BITS = 8,   // bits of an input word, at least 1
    parameter int unsigned OUT_WORD_BITS = 8   // bits of an output word, at least 1
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic [IN_WORD_BITS-1:0]  s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic [OUT_WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  if (IN_WORD_BITS < 1 || OUT_WORD_BITS < 1) begin : g_check
    $error("%m: IN_WORD_BITS (%0d) and OUT_WORD_BITS (%0d) must be at least 1", IN_WORD_BITS, OUT_WORD_BITS);
  end

  if (IN_WORD_BITS == OUT_WORD_BITS) begin : g_same
    wire unused = &{1'b0, clk_i, rst_i};
    assign m_axis_tdata = s_axis_tdata;
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;
  end else if (OUT_WORD_BITS % IN_WORD_BITS == 0) begin : g_widen
    qu_widen #(.IN_WORD_BITS(IN_WORD_BITS), .RATIO(OUT_WORD_BITS / IN_WORD_BITS)) core (.*);
  end else if (IN_WORD_BITS % OUT_WORD_BITS == 0) begin : g_narrow
    qu_narrow #(.OUT_WORD_BITS(OUT_WORD_BITS), .RATIO(IN_WORD_BITS / OUT_WORD_BITS)) core (.*);
  end else begin : g_regroup
    qu_regroup #(.IN_WORD_BITS(IN_WORD_BITS), .OUT_WORD_BITS(OUT_WORD_BITS)) core (.*);
  end

endmodule

`default_nettype wire
