// SPDX-License-Identifier: BSD-3-Clause
// Same bits in words of another width, at full rate; lowest bits first.
`default_nettype none

module qu_width_converter #(
    parameter int unsigned IN_WIDTH = 8,   // bits of an input word, at least 1
    parameter int unsigned OUT_WIDTH = 8   // bits of an output word, at least 1
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic [IN_WIDTH-1:0]  s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic [OUT_WIDTH-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  if (IN_WIDTH < 1 || OUT_WIDTH < 1) begin : g_check
    $error("%m: IN_WIDTH (%0d) and OUT_WIDTH (%0d) must be at least 1", IN_WIDTH, OUT_WIDTH);
  end

  if (IN_WIDTH == OUT_WIDTH) begin : g_same
    wire unused = &{1'b0, clk_i, rst_i};
    assign m_axis_tdata = s_axis_tdata;
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;
  end else if (OUT_WIDTH % IN_WIDTH == 0) begin : g_widen
    qu_widen #(.IN_WIDTH(IN_WIDTH), .RATIO(OUT_WIDTH / IN_WIDTH)) core (.*);
  end else if (IN_WIDTH % OUT_WIDTH == 0) begin : g_narrow
    qu_narrow #(.OUT_WIDTH(OUT_WIDTH), .RATIO(IN_WIDTH / OUT_WIDTH)) core (.*);
  end else begin : g_regroup
    qu_regroup #(.IN_WIDTH(IN_WIDTH), .OUT_WIDTH(OUT_WIDTH)) core (.*);
  end

endmodule

`default_nettype wire
