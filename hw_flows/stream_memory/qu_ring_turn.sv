// SPDX-License-Identifier: BSD-3-Clause
// Whose turn it is: the next stream that wants something behind the one that had its turn last, or else the first.
//
// A stream that goes on wanting gets its turn after at most one of each other stream.
`default_nettype none

module qu_ring_turn #(
    parameter int unsigned STREAMS = 2,  // at least 1
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic [    STREAMS-1:0] want_i,
    input  wire logic                   take_i,    // choice_o has its turn in this cycle
    output      logic [    STREAMS-1:0] choice_o,  // one of want_i; none where it is zero
    output      logic [STREAM_BITS-1:0] stream_o   // its number
);

  if (STREAMS < 1) begin : g_check_streams
    $error("%m: STREAMS must be at least 1");
  end

  logic [STREAMS-1:0] behind;
  wire [STREAMS-1:0] later = want_i & behind;
  always_comb begin
    choice_o = later != '0 ? later & (~later + 1'b1) : want_i & (~want_i + 1'b1);
    stream_o = '0;
    for (int s = 0; s < STREAMS; s++) if (choice_o[s]) stream_o |= STREAM_BITS'(s);
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) behind <= '0;
    else if (take_i) behind <= ~(choice_o | (choice_o - 1'b1));
  end

endmodule

`default_nettype wire
