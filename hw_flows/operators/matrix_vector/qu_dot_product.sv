// SPDX-License-Identifier: BSD-3-Clause
// Sum of SIMD products data[i] * weight[i] in LUTs: equal Booth chains side by side and a tree over them.
`default_nettype none

module qu_dot_product #(
    parameter int unsigned SIMD = 4,         // products
    parameter int unsigned CHAIN = 3,        // products in a chain, at most SIMD
    parameter int unsigned IN_BITS = 4,      // bits of a data element
    parameter int unsigned IN_SIGNED = 0,    // 1: data is two's complement
    parameter int unsigned WEIGHT_BITS = 4,  // bits of a weight, two's complement, at least 2
    parameter int unsigned SUM_BITS = 12     // IN_BITS + WEIGHT_BITS + $clog2(CHAIN) + $clog2(chains)
) (
    input  wire logic                        clk_i,
    input  wire logic                        advance_i,
    input  wire logic [SIMD*IN_BITS-1:0]     data_i,
    input  wire logic [SIMD*WEIGHT_BITS-1:0] weights_i,
    output      logic [SUM_BITS-1:0]         sum_o
);

  localparam int unsigned CHAINS = (SIMD + CHAIN - 1) / CHAIN;
  localparam int unsigned CHAIN_BITS = IN_BITS + WEIGHT_BITS + $clog2(CHAIN);

  // The last chain may lack products: zeros.
  wire [CHAINS*CHAIN*IN_BITS-1:0] data = (CHAINS * CHAIN * IN_BITS)'(data_i);
  wire [CHAINS*CHAIN*WEIGHT_BITS-1:0] weights = (CHAINS * CHAIN * WEIGHT_BITS)'(weights_i);
  wire [CHAINS*CHAIN_BITS-1:0] sums;

  for (genvar c = 0; c < CHAINS; c++) begin : g_chain
    qu_booth_chain #(
        .COUNT(CHAIN),
        .IN_BITS(IN_BITS),
        .IN_SIGNED(IN_SIGNED),
        .WEIGHT_BITS(WEIGHT_BITS)
    ) chain (
        .clk_i,
        .advance_i,
        .data_i(data[c*CHAIN*IN_BITS+:CHAIN*IN_BITS]),
        .weights_i(weights[c*CHAIN*WEIGHT_BITS+:CHAIN*WEIGHT_BITS]),
        .sum_o(sums[c*CHAIN_BITS+:CHAIN_BITS])
    );
  end

  qu_adder_tree #(
      .COUNT(CHAINS),
      .IN_BITS(CHAIN_BITS)
  ) tree (
      .clk_i,
      .advance_i,
      .data_i(sums),
      .sum_o
  );

endmodule

`default_nettype wire
