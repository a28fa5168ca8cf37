// SPDX-License-Identifier: BSD-3-Clause
// Turn: one of those that want it, if any does; nobody is passed by more often than there are others.
`default_nettype none

module ring_turn_bench #(
    parameter int unsigned STREAMS = 3,
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input wire logic                   clk_i,
    input wire logic                   rst_i,
    input wire logic [STREAM_BITS-1:0] follow_i,  // free constant: the followed stream
    input wire logic [    STREAMS-1:0] want_i,
    input wire logic                   take_i
);

  logic off;
  logic [STREAMS-1:0] choice_o;
  logic [STREAM_BITS-1:0] stream_o;
  logic [$clog2(STREAMS+1)-1:0] passed;  // others that had a turn while the followed stream wanted it

  qu_ring_turn #(.STREAMS(STREAMS)) dut (.*);
  environment #(.CONSTANT_BITS(STREAM_BITS)) free (.clk_i, .rst_i, .constant_i(follow_i), .off_o(off));

  wire take = take_i && want_i != '0;
  always_ff @(posedge clk_i) begin
    if (off || !want_i[follow_i] || (take && choice_o[follow_i])) passed <= '0;
    else if (take) passed <= passed + 1'b1;
  end
  always_comb begin
    assume (32'(follow_i) < STREAMS);
    assume (!take_i || want_i != '0);
    if (!off) begin
      one : assert ($onehot0(choice_o) && (choice_o & ~want_i) == '0);
      some : assert ((choice_o != '0) == (want_i != '0));
      if (choice_o != '0) number : assert (32'(stream_o) < STREAMS && choice_o[stream_o]);
      fair : assert (32'(passed) < STREAMS);
      last : cover (take && choice_o[STREAMS-1]);
    end
  end

endmodule

`default_nettype wire
