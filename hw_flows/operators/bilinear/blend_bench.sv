// SPDX-License-Identifier: BSD-3-Clause
// The sum of shifted operands is the weighted sum.
`default_nettype none

module blend_bench #(
    parameter int unsigned IN_BITS = 3,
    parameter int unsigned OUT_BITS = 5,
    parameter int unsigned IS_SIGNED = 0,
    parameter int unsigned PARTS = 4,
    localparam int unsigned FRACTION_BITS = PARTS > 1 ? $clog2(PARTS) : 1
) (
    input wire logic                     clk_i,
    input wire logic                     rst_i,
    input wire logic [      IN_BITS-1:0] first_i,
    input wire logic [      IN_BITS-1:0] second_i,
    input wire logic [FRACTION_BITS-1:0] fraction_i
);

  logic off;
  logic [OUT_BITS-1:0] sum_o;
  int first, second, expected;

  qu_blend #(.IN_BITS(IN_BITS), .OUT_BITS(OUT_BITS), .IS_SIGNED(IS_SIGNED), .PARTS(PARTS)) dut (
      .first_i, .second_i, .fraction_i, .sum_o);
  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  assign first    = IS_SIGNED != 0 ? 32'($signed(first_i)) : 32'(first_i);
  assign second   = IS_SIGNED != 0 ? 32'($signed(second_i)) : 32'(second_i);
  assign expected = first * (PARTS - 32'(fraction_i)) + second * 32'(fraction_i);

  always_comb begin
    assume (32'(fraction_i) < PARTS);
    if (!off) begin
      sum : assert ((IS_SIGNED != 0 ? 32'($signed(sum_o)) : 32'(sum_o)) == expected);
      between : cover (sum_o != '0);
    end
  end

endmodule

`default_nettype wire
