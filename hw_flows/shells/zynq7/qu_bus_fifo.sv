// SPDX-License-Identifier: BSD-3-Clause
// FIFO of 32-bit bus words in block memory that tells how many words it holds.
`default_nettype none

module qu_bus_fifo #(
    parameter int unsigned DEPTH = 1024,  // words, at least 3
    localparam int unsigned LEVEL_BITS = $clog2(DEPTH + 1)
) (
    input  wire logic                  clk_i,
    input  wire logic                  rst_i,
    input  wire logic [          31:0] s_axis_tdata,
    input  wire logic                  s_axis_tvalid,
    output      logic                  s_axis_tready,
    output      logic [          31:0] m_axis_tdata,
    output      logic                  m_axis_tvalid,
    input  wire logic                  m_axis_tready,
    output      logic [LEVEL_BITS-1:0] level_o,  // words inside
    output      logic [LEVEL_BITS-1:0] free_o    // words that it can take; level_o + free_o is DEPTH
);

  if (DEPTH < 3) begin : g_check_depth
    $error("%m: DEPTH must be at least 3");
  end

  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;

  qu_fifo #(
      .WORD_BITS(32),
      .DEPTH(DEPTH),
      .STYLE(2),
      .SCATTERED(1)
  ) storage (
      .clk_i,
      .rst_i,
      .s_axis_tdata,
      .s_axis_tvalid,
      .s_axis_tready,
      .m_axis_tdata,
      .m_axis_tvalid,
      .m_axis_tready
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      level_o <= '0;
      free_o  <= LEVEL_BITS'(DEPTH);
    end else if (push != pop) begin
      level_o <= level_o + {{(LEVEL_BITS - 1) {pop}}, 1'b1};
      free_o  <= free_o + {{(LEVEL_BITS - 1) {push}}, 1'b1};
    end
  end

endmodule

`default_nettype wire
