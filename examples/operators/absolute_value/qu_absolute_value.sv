// SPDX-License-Identifier: BSD-3-Clause
// Absolute value of each element of a word. Two's complement in, unsigned out: the least element's is 2**(ELEMENT_BITS-1).
//
// One word a cycle, one register. s_axis_tready follows m_axis_tready.
`default_nettype none

module qu_absolute_value #(
    parameter int unsigned ELEMENT_BITS = 4,  // bits of an element, in and out, at least 2
    parameter int unsigned LANES        = 1   // elements of a word, at least 1
) (
    input  wire logic                          clk_i,
    input  wire logic                          rst_i,
    input  wire logic [LANES*ELEMENT_BITS-1:0] s_axis_tdata,
    input  wire logic                          s_axis_tvalid,
    output      logic                          s_axis_tready,
    output      logic [LANES*ELEMENT_BITS-1:0] m_axis_tdata,
    output      logic                          m_axis_tvalid,
    input  wire logic                          m_axis_tready
);

  if (ELEMENT_BITS < 2) begin : g_check_element_bits
    $error("%m: ELEMENT_BITS (%0d) must be at least 2", ELEMENT_BITS);
  end
  if (LANES < 1) begin : g_check_lanes
    $error("%m: LANES (%0d) must be at least 1", LANES);
  end

  assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (s_axis_tready) m_axis_tvalid <= s_axis_tvalid;
  end

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire [ELEMENT_BITS-1:0] element = s_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS];
    wire negative = element[ELEMENT_BITS-1];

    always_ff @(posedge clk_i) begin
      // x or its complement plus 1: the sign is also the carry into the lowest bit
      if (s_axis_tready) m_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS] <= (element ^ {ELEMENT_BITS{negative}}) + ELEMENT_BITS'(negative);
    end
  end

endmodule

`default_nettype wire
