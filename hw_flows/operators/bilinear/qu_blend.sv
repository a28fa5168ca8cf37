// SPDX-License-Identifier: BSD-3-Clause
// PARTS * first + fraction * (second - first): between two numbers, in PARTS-ths. Sums of shifted operands, no multiplier.
`default_nettype none

module qu_blend #(
    parameter int unsigned IN_BITS   = 4,  // at least 1
    parameter int unsigned OUT_BITS  = 6,  // that hold PARTS times any input, at least IN_BITS
    parameter int unsigned IS_SIGNED = 0,  // 1: two's complement
    parameter int unsigned PARTS     = 4,  // at least 1
    localparam int unsigned FRACTION_BITS = PARTS > 1 ? $clog2(PARTS) : 1
) (
    input  wire logic [      IN_BITS-1:0] first_i,
    input  wire logic [      IN_BITS-1:0] second_i,
    input  wire logic [FRACTION_BITS-1:0] fraction_i,  // less than PARTS
    output      logic [     OUT_BITS-1:0] sum_o
);

  if (IN_BITS < 1 || OUT_BITS < IN_BITS) begin : g_check_bits
    $error("%m: IN_BITS (%0d) must be at least 1 and at most OUT_BITS (%0d)", IN_BITS, OUT_BITS);
  end
  if (PARTS < 1) begin : g_check_parts
    $error("%m: PARTS must be at least 1");
  end

  // PARTS as a difference of numbers that have the fewest ones together (non-adjacent form).
  localparam logic [OUT_BITS+1:0] ONCE = (OUT_BITS + 2)'(PARTS);
  localparam logic [OUT_BITS+1:0] THRICE = (OUT_BITS + 2)'(3 * PARTS);

  logic [OUT_BITS-1:0] first, second, difference;

  // Sums are right modulo 2 ** OUT_BITS.
  assign first      = IS_SIGNED != 0 ? OUT_BITS'($signed(first_i)) : OUT_BITS'(first_i);
  assign second     = IS_SIGNED != 0 ? OUT_BITS'($signed(second_i)) : OUT_BITS'(second_i);
  assign difference = second - first;

  always_comb begin
    sum_o = '0;
    for (int unsigned i = 0; i <= FRACTION_BITS && i < OUT_BITS; i++) begin
      if (THRICE[i+1] && !ONCE[i+1]) sum_o = sum_o + (first << i);
      if (!THRICE[i+1] && ONCE[i+1]) sum_o = sum_o - (first << i);
    end
    for (int unsigned i = 0; i < FRACTION_BITS && PARTS > 1; i++) begin
      sum_o = sum_o + ((fraction_i[i] ? difference : '0) << i);
    end
  end

endmodule

`default_nettype wire
