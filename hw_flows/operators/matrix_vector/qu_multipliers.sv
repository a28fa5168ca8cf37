// SPDX-License-Identifier: BSD-3-Clause
// Sum of SIMD products data[i] * weight[i] in DSP slices: three cycles, then a tree.
//
// Where both fit a 25 x 18 bit multiplier, it makes two products and their sum: with data a + a' * 2**K times weights
// w' + w * 2**K, the sum a * w + a' * w' stands at bit K of the result. 2**(K - 1) is added so that a negative a * w' below
// borrows nothing from it; a' * w above is cut off. (After Xilinx WP486, which shares one factor.)
`default_nettype none

module qu_multipliers #(
    parameter int unsigned SIMD = 4,         // products
    parameter int unsigned IN_BITS = 4,      // bits of a data element
    parameter int unsigned IN_SIGNED = 0,    // 1: data is two's complement
    parameter int unsigned WEIGHT_BITS = 4,  // bits of a weight, two's complement
    parameter int unsigned PAIRS = 1,        // 1: two products a multiplier; 2 IN_BITS + WEIGHT_BITS at most 16
    parameter int unsigned SUM_BITS = 11     // IN_BITS + WEIGHT_BITS + PAIRS + $clog2(multipliers)
) (
    input  wire logic                        clk_i,
    input  wire logic                        advance_i,
    input  wire logic [SIMD*IN_BITS-1:0]     data_i,
    input  wire logic [SIMD*WEIGHT_BITS-1:0] weights_i,
    output      logic [SUM_BITS-1:0]         sum_o
);

  if (PAIRS != 0 && 2 * IN_BITS + WEIGHT_BITS > 16) begin : g_check
    $error("%m: two products of IN_BITS (%0d) and WEIGHT_BITS (%0d) do not fit one multiplier", IN_BITS, WEIGHT_BITS);
  end

  localparam int unsigned STEP = PAIRS != 0 ? 2 : 1;
  localparam int unsigned COUNT = (SIMD + STEP - 1) / STEP;
  localparam int unsigned K = PAIRS != 0 ? IN_BITS + WEIGHT_BITS + 1 : 0;
  localparam int unsigned FIELD = IN_BITS + WEIGHT_BITS + PAIRS;  // bits of what a multiplier contributes
  localparam int unsigned DATA_BITS = K + IN_BITS + 1;
  localparam int unsigned FACTOR_BITS = K + WEIGHT_BITS + 1;
  localparam int unsigned PRODUCT_BITS = DATA_BITS + FACTOR_BITS;

  wire [COUNT*STEP*IN_BITS-1:0] elements = (COUNT * STEP * IN_BITS)'(data_i);
  wire [COUNT*STEP*WEIGHT_BITS-1:0] words = (COUNT * STEP * WEIGHT_BITS)'(weights_i);
  wire [COUNT*FIELD-1:0] fields;

  function automatic logic signed [IN_BITS:0] extended(input logic [IN_BITS-1:0] element);
    return $signed({IN_SIGNED != 0 && element[IN_BITS-1], element});
  endfunction

  for (genvar i = 0; i < COUNT; i++) begin : g_multiplier
    // The second of a pair; without pairs the same element, unused.
    localparam int unsigned FIRST = i * STEP, SECOND = FIRST + STEP - 1;
    logic signed [IN_BITS:0] low_data, high_data;
    logic signed [WEIGHT_BITS-1:0] low_weight, high_weight;
    wire signed [DATA_BITS-1:0] data = PAIRS != 0 ? (DATA_BITS'(high_data) <<< K) + DATA_BITS'(low_data) : DATA_BITS'(low_data);
    wire signed [FACTOR_BITS-1:0] factor =
        PAIRS != 0 ? (FACTOR_BITS'(high_weight) <<< K) + FACTOR_BITS'(low_weight) : FACTOR_BITS'(high_weight);
    (* use_dsp = "yes" *) logic signed [PRODUCT_BITS-1:0] product;
    // verilator lint_off UNUSEDSIGNAL
    logic signed [PRODUCT_BITS-1:0] rounded;  // only the field is used
    // verilator lint_on UNUSEDSIGNAL
    always_ff @(posedge clk_i) begin
      if (advance_i) begin
        low_data <= extended(elements[FIRST*IN_BITS+:IN_BITS]);
        high_data <= extended(elements[SECOND*IN_BITS+:IN_BITS]);
        high_weight <= $signed(words[FIRST*WEIGHT_BITS+:WEIGHT_BITS]);
        low_weight <= $signed(words[SECOND*WEIGHT_BITS+:WEIGHT_BITS]);
        product <= PRODUCT_BITS'(data) * PRODUCT_BITS'(factor);
        rounded <= product + (PAIRS != 0 ? PRODUCT_BITS'(1) << (K - PAIRS) : '0);
      end
    end
    assign fields[i*FIELD+:FIELD] = rounded[K+:FIELD];
  end

  qu_adder_tree #(
      .COUNT(COUNT),
      .IN_BITS(FIELD)
  ) tree (
      .clk_i,
      .advance_i,
      .data_i(fields),
      .sum_o
  );

endmodule

`default_nettype wire
