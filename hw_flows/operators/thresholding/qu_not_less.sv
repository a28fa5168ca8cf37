// SPDX-License-Identifier: BSD-3-Clause
// left_i >= right_i, without a register: from the lowest bit up, two bits a LUT.
//
// That is half of what a carry chain takes, and more where few thresholds depend on few address bits. Beyond 16 bits the upper
// half is prepared for both outcomes of the lower.
`default_nettype none

module qu_not_less #(
    parameter int unsigned BITS = 8,   // bits of a number, at least 1
    parameter int unsigned SIGNED = 1  // 1: two's complement
) (
    input  wire logic [BITS-1:0] left_i,
    input  wire logic [BITS-1:0] right_i,
    output      logic            not_less_o
);

  if (BITS < 1) begin : g_check_bits
    $error("%m: BITS must be at least 1");
  end

  localparam int unsigned LOWER = BITS > 16 ? BITS / 2 : BITS;
  localparam logic [BITS-1:0] SIGN = BITS'(SIGNED) << (BITS - 1);
  // In two's complement both have their signs inverted.
  wire [BITS-1:0] left = left_i ^ SIGN;
  wire [BITS-1:0] right = right_i ^ SIGN;
  logic lower, upper_if_less, upper_if_not;
  always_comb begin
    lower = 1'b1;
    for (int b = 0; b < LOWER; b++) lower = right[b] ? left[b] && lower : left[b] || lower;
    upper_if_less = 1'b0;
    upper_if_not = 1'b1;
    for (int b = LOWER; b < BITS; b++) begin
      upper_if_less = right[b] ? left[b] && upper_if_less : left[b] || upper_if_less;
      upper_if_not = right[b] ? left[b] && upper_if_not : left[b] || upper_if_not;
    end
  end
  assign not_less_o = lower ? upper_if_not : upper_if_less;

endmodule

`default_nettype wire
