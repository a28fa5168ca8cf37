// SPDX-License-Identifier: BSD-3-Clause
// Sum of COUNT two's complement numbers, in pairs, a register behind every adder: $clog2(COUNT) cycles.
`default_nettype none

module qu_adder_tree #(
    parameter int unsigned COUNT = 2,   // numbers, at least 1
    parameter int unsigned IN_BITS = 8  // bits of a number
) (
    input  wire logic                             clk_i,
    input  wire logic                             advance_i,
    input  wire logic [COUNT*IN_BITS-1:0]         data_i,
    output      logic [IN_BITS+$clog2(COUNT)-1:0] sum_o
);

  localparam int unsigned LEVELS = $clog2(COUNT);

  for (genvar l = 0; l <= LEVELS; l++) begin : g_level
    localparam int unsigned BITS = IN_BITS + l;
    localparam int unsigned NUMBERS = (COUNT + (1 << l) - 1) >> l;
    logic [NUMBERS*BITS-1:0] data;
    if (l == 0) begin : g_input
      assign data = data_i;
    end else begin : g_sums
      localparam int unsigned BEFORE = BITS - 1;
      localparam int unsigned NUMBERS_BEFORE = (COUNT + (1 << (l - 1)) - 1) >> (l - 1);
      // An odd number passes alone: the first on one level, the last on the next. None waits long enough for a shift register,
      // which would take LUTs instead of registers.
      localparam int unsigned ALONE = NUMBERS_BEFORE % 2 == 0 ? NUMBERS : l % 2 == 1 ? 0 : NUMBERS - 1;
      for (genvar i = 0; i < NUMBERS; i++) begin : g_sum
        localparam int unsigned LEFT = ALONE < i ? 2 * i - 1 : 2 * i;
        wire signed [BEFORE-1:0] left = $signed(g_level[l-1].data[LEFT*BEFORE+:BEFORE]);
        if (i == ALONE) begin : g_alone
          always_ff @(posedge clk_i) if (advance_i) data[i*BITS+:BITS] <= BITS'(left);
        end else begin : g_pair
          wire signed [BEFORE-1:0] right = $signed(g_level[l-1].data[(LEFT+1)*BEFORE+:BEFORE]);
          always_ff @(posedge clk_i) if (advance_i) data[i*BITS+:BITS] <= BITS'(left) + BITS'(right);
        end
      end
    end
  end

  if (LEVELS == 0) begin : g_none
    wire unused = &{1'b0, clk_i, advance_i};
  end
  assign sum_o = g_level[LEVELS].data;

endmodule

`default_nettype wire
