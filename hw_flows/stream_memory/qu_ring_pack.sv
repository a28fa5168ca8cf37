// SPDX-License-Identifier: BSD-3-Clause
// Gathers words of a stream side by side, the first lowest. Whoever takes them takes all there are, also before there are LANES.
//
// s_axis_tready depends combinationally on take_i, so that the next word comes in while a full row leaves.
`default_nettype none

module qu_ring_pack #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned LANES = 8,      // words side by side, at least 2
    localparam int unsigned COUNT_BITS = $clog2(LANES + 1)
) (
    input  wire logic                       clk_i,
    input  wire logic                       rst_i,
    input  wire logic [      WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                       s_axis_tvalid,
    output      logic                       s_axis_tready,
    output      logic [LANES*WORD_BITS-1:0] words_o,
    output      logic [     COUNT_BITS-1:0] count_o,  // so many of them are there
    input  wire logic                       take_i    // they are taken
);

  if (WORD_BITS < 1 || LANES < 2) begin : g_check_sizes
    $error("%m: WORD_BITS must be at least 1, LANES at least 2");
  end

  assign s_axis_tready = count_o != COUNT_BITS'(LANES) || take_i;
  wire push = s_axis_tvalid && s_axis_tready;
  wire [COUNT_BITS-1:0] place = take_i ? '0 : count_o;
  always_ff @(posedge clk_i) begin
    if (rst_i) count_o <= '0;
    else count_o <= place + COUNT_BITS'(push);
    for (int i = 0; i < LANES; i++)
      if (push && place == COUNT_BITS'(i)) words_o[i*WORD_BITS+:WORD_BITS] <= s_axis_tdata;
  end

endmodule

`default_nettype wire
