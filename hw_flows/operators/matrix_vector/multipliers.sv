// Sum of SIMD products data[i] * weight[i] with one multiplier (DSP slice) each: two cycles, then a tree.
`default_nettype none

module multipliers #(
    parameter int unsigned SIMD = 4,         // products
    parameter int unsigned IN_BITS = 4,      // bits of a data element
    parameter int unsigned IN_SIGNED = 0,    // 1: data is two's complement
    parameter int unsigned WEIGHT_BITS = 4,  // bits of a weight, two's complement
    parameter int unsigned SUM_BITS = 10     // IN_BITS + WEIGHT_BITS + $clog2(SIMD)
) (
    input  wire logic                        clk_i,
    input  wire logic                        advance_i,
    input  wire logic [SIMD*IN_BITS-1:0]     data_i,
    input  wire logic [SIMD*WEIGHT_BITS-1:0] weights_i,
    output      logic [SUM_BITS-1:0]         sum_o
);

  localparam int unsigned PRODUCT_BITS = IN_BITS + WEIGHT_BITS;

  logic [SIMD*PRODUCT_BITS-1:0] all_products;
  for (genvar i = 0; i < SIMD; i++) begin : g_product
    logic signed [IN_BITS:0] data;
    logic signed [WEIGHT_BITS-1:0] weight;
    (* use_dsp = "yes" *) logic signed [PRODUCT_BITS-1:0] product;
    always_ff @(posedge clk_i) begin
      if (advance_i) begin
        data <= $signed({IN_SIGNED != 0 && data_i[i*IN_BITS+IN_BITS-1], data_i[i*IN_BITS+:IN_BITS]});
        weight <= $signed(weights_i[i*WEIGHT_BITS+:WEIGHT_BITS]);
        product <= PRODUCT_BITS'(data) * PRODUCT_BITS'(weight);
      end
    end
    assign all_products[i*PRODUCT_BITS+:PRODUCT_BITS] = product;
  end

  adder_tree #(
      .COUNT(SIMD),
      .IN_BITS(PRODUCT_BITS)
  ) tree (
      .clk_i,
      .advance_i,
      .data_i(all_products),
      .sum_o
  );

endmodule

`default_nettype wire
