// SPDX-License-Identifier: BSD-3-Clause
// The chain of adders multiplies.
`default_nettype none

module product_bench #(
    parameter int unsigned A_BITS = 3,
    parameter int unsigned A_SIGNED = 0,
    parameter int unsigned B_BITS = 3,
    parameter int unsigned B_SIGNED = 0,
    parameter int unsigned OUT_BITS = 6
) (
    input wire logic              clk_i,
    input wire logic              rst_i,
    input wire logic [A_BITS-1:0] a_i,
    input wire logic [B_BITS-1:0] b_i
);

  logic off;
  logic [A_BITS+1:0] triple_i;
  logic [OUT_BITS-1:0] product_o;
  int a, b, product;

  qu_product #(.A_BITS(A_BITS), .A_SIGNED(A_SIGNED), .B_BITS(B_BITS), .B_SIGNED(B_SIGNED), .OUT_BITS(OUT_BITS)) dut (
      .a_i, .triple_i, .b_i, .product_o);
  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  assign a        = A_SIGNED != 0 ? 32'($signed(a_i)) : 32'(a_i);
  assign b        = B_SIGNED != 0 ? 32'($signed(b_i)) : 32'(b_i);
  assign product  = a * b;
  assign triple_i = (A_BITS + 2)'(3 * a);

  always_comb begin
    if (!off) begin
      value : assert (product_o == product[OUT_BITS-1:0]);
      anything : cover (product_o != '0);
    end
  end

endmodule

`default_nettype wire
