// SPDX-License-Identifier: BSD-3-Clause
// A function of each element of a word, given as a table.
//
// One word a cycle, one register. s_axis_tready follows m_axis_tready.
`default_nettype none

module qu_lookup_table #(
    parameter int unsigned LANES = 1,     // elements of a word, at least 1
    parameter int unsigned IN_BITS = 4,   // bits of an element in, 1 to 8
    parameter int unsigned OUT_BITS = 4,  // bits of an element out, at least 1
    parameter MEMORY_PREFIX = ""          // <prefix>_table.mem: 2**IN_BITS results, by the bits of the element
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [LANES*IN_BITS-1:0]  s_axis_tdata,
    input  wire logic                      s_axis_tvalid,
    output      logic                      s_axis_tready,
    output      logic [LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  if (LANES < 1) begin : g_check_lanes
    $error("%m: LANES (%0d) must be at least 1", LANES);
  end
  if (IN_BITS < 1 || IN_BITS > 8 || OUT_BITS < 1) begin : g_check_bits
    $error("%m: IN_BITS (%0d) must be 1 to 8, OUT_BITS (%0d) at least 1", IN_BITS, OUT_BITS);
  end

  assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (s_axis_tready) m_axis_tvalid <= s_axis_tvalid;
  end

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    (* logic_block *) logic [OUT_BITS-1:0] results[2**IN_BITS];
    initial $readmemh($sformatf("%s_table.mem", MEMORY_PREFIX), results);

    always_ff @(posedge clk_i) begin
      if (s_axis_tready) m_axis_tdata[i*OUT_BITS+:OUT_BITS] <= results[s_axis_tdata[i*IN_BITS+:IN_BITS]];
    end
  end

endmodule

`default_nettype wire
