// SPDX-License-Identifier: BSD-3-Clause
// Product of two integers in LUTs, without a register: a chain of adders with one row for each two bits of the second factor.
//
// A row is 0, 1, 2 or 3 times the first factor, of which `triple_i` is given; selecting it and adding it to the sum so far takes
// one LUT6 a bit. The sign of the second factor stands for -2**B_BITS, which one more row subtracts.
`default_nettype none

module qu_product #(
    parameter int unsigned A_BITS   = 4,  // bits of the first factor, at least 1
    parameter int unsigned A_SIGNED = 0,  // 1: it is two's complement
    parameter int unsigned B_BITS   = 4,  // bits of the second factor, at least 1
    parameter int unsigned B_SIGNED = 0,  // 1: it is two's complement
    parameter int unsigned OUT_BITS = 8   // bits of the product, at most A_BITS + B_BITS
) (
    input  wire logic [  A_BITS-1:0] a_i,
    input  wire logic [  A_BITS+1:0] triple_i,  // 3 * a_i, in two's complement where that is
    input  wire logic [  B_BITS-1:0] b_i,
    output      logic [OUT_BITS-1:0] product_o
);

  if (OUT_BITS > A_BITS + B_BITS) begin : g_check
    $error("%m: OUT_BITS (%0d) must be at most A_BITS (%0d) and B_BITS (%0d) together", OUT_BITS, A_BITS, B_BITS);
  end

  localparam int unsigned DIGITS = (B_BITS + 1) / 2;
  localparam int unsigned ROW_BITS = A_BITS + 2;
  localparam int unsigned SUM_BITS = A_BITS + 2 * DIGITS;

  wire a_sign = A_SIGNED != 0 && a_i[A_BITS-1];
  wire [ROW_BITS-1:0] once = {{2{a_sign}}, a_i};
  wire [ROW_BITS-1:0] twice = {a_sign, a_i, 1'b0};
  wire [2*DIGITS-1:0] digits = (2 * DIGITS)'(b_i);

  for (genvar k = 0; k < DIGITS; k++) begin : g_row
    wire [1:0] digit = digits[2*k+:2];
    logic [ROW_BITS-1:0] row;
    always_comb begin
      unique case (digit)
        2'd0: row = '0;
        2'd1: row = once;
        2'd2: row = twice;
        default: row = triple_i;
      endcase
    end
    // Of the digits up to this one.
    wire [A_BITS+2*k+1:0] sum;
    if (k == 0) begin : g_first
      assign sum = row;
    end else begin : g_next
      wire [A_BITS-1:0] earlier = g_row[k-1].sum[A_BITS+2*k-1:2*k];
      // Kept, so that each row has an adder: trees of compressors, which Yosys would make, take more LUTs.
      (* keep *) wire [ROW_BITS-1:0] high = {{2{A_SIGNED != 0 && earlier[A_BITS-1]}}, earlier} + row;
      assign sum = {high, g_row[k-1].sum[2*k-1:0]};
    end
  end

  // verilator lint_off UNUSEDSIGNAL
  wire [SUM_BITS-1:0] sum = g_row[DIGITS-1].sum;  // a second factor of an odd number of bits leaves the top one 0
  // verilator lint_on UNUSEDSIGNAL
  if (B_SIGNED != 0 && OUT_BITS > B_BITS) begin : g_sign
    localparam int unsigned HIGH_BITS = OUT_BITS - B_BITS;
    wire [HIGH_BITS-1:0] less = b_i[B_BITS-1] ? HIGH_BITS'(once) : '0;
    assign product_o = {HIGH_BITS'(sum >> B_BITS) - less, sum[B_BITS-1:0]};
  end else begin : g_plain
    assign product_o = OUT_BITS'(sum);
  end

endmodule

`default_nettype wire
