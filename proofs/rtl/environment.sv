// SPDX-License-Identifier: BSD-3-Clause
// What every proof takes for granted, and nothing else: reset is high in the first cycle, and a free constant does not change.
//
// Everything before that first reset is arbitrary, memories too; reset may come again at any time.
`default_nettype none

module environment #(
    parameter int unsigned CONSTANT_BITS = 1  // bits of the free constant, at least 1
) (
    input  wire logic                     clk_i,
    input  wire logic                     rst_i,
    input  wire logic [CONSTANT_BITS-1:0] constant_i,
    output      logic                     off_o  // reset, or nothing known yet: no rule holds
);

  logic started = 1'b0;
  logic [CONSTANT_BITS-1:0] constant;

  assign off_o = rst_i || !started;

  always_ff @(posedge clk_i) begin
    started  <= 1'b1;
    constant <= constant_i;
  end

  always_comb begin
    if (!started) assume (rst_i);
    else assume (constant_i == constant);
  end

endmodule

`default_nettype wire
