// SPDX-License-Identifier: BSD-3-Clause
// Sum of COUNT products data[i] * weight[i] in LUTs, in a chain of adders with one row per radix-4 Booth digit of a weight.
//
// A digit d in -2..2 times the data is 0, data, 2 data or a negative of these: one LUT6 per bit selects it and adds it to the
// sum so far. A negative is taken as the complement, which is one less. The first row is added: the sum falls short by 1 where
// its digit is negative. The others are subtracted (only so do tools keep the sum on the carry chain's direct input), after
// negation: the sum is 4**k too large for each positive digit k. Both depend on the weights alone and are made up for by a
// constant per output (`booth_error` in rtl.py).
// Two rows a cycle; products of later rows wait in registers. A. D. Booth, 1951; O. L. MacSorley, 1961.
`default_nettype none

module qu_booth_chain #(
    parameter int unsigned COUNT = 3,       // products, at least 1
    parameter int unsigned IN_BITS = 4,     // bits of a data element, at least 1
    parameter int unsigned IN_SIGNED = 0,   // 1: data is two's complement
    parameter int unsigned WEIGHT_BITS = 4  // bits of a weight, two's complement, at least 2
) (
    input  wire logic                                                    clk_i,
    input  wire logic                                                    advance_i,
    input  wire logic [COUNT*IN_BITS-1:0]                                data_i,
    input  wire logic [COUNT*WEIGHT_BITS-1:0]                            weights_i,
    output      logic [IN_BITS+WEIGHT_BITS+$clog2(COUNT)-1:0]            sum_o  // two's complement, after STAGES cycles
);

  localparam int unsigned DIGITS = (WEIGHT_BITS + 1) / 2;
  localparam int unsigned ROWS = COUNT * DIGITS;
  localparam int unsigned ROW_BITS = IN_BITS + 2;  // -2 data to 2 data

  // Each product's operands wait for the cycles of its rows.
  for (genvar i = 0; i < COUNT; i++) begin : g_operands
    localparam int unsigned LAST = ((i + 1) * DIGITS - 1) / 2;
    for (genvar s = 0; s <= LAST; s++) begin : g_cycle
      if (s == 0) begin : g_at
        wire [IN_BITS-1:0] data = data_i[i*IN_BITS+:IN_BITS];
        wire [WEIGHT_BITS-1:0] weight = weights_i[i*WEIGHT_BITS+:WEIGHT_BITS];
      end else begin : g_at
        logic [IN_BITS-1:0] data;
        logic [WEIGHT_BITS-1:0] weight;
        always_ff @(posedge clk_i) begin
          if (advance_i) begin
            data <= g_cycle[s-1].g_at.data;
            weight <= g_cycle[s-1].g_at.weight;
          end
        end
      end
    end
  end

  for (genvar r = 0; r < ROWS; r++) begin : g_row
    localparam int unsigned I = r / DIGITS;  // product
    localparam int unsigned K = r % DIGITS;  // digit of its weight
    localparam int unsigned SHIFT = 2 * K;
    // Bits that the sum of the products up to this one needs; below SHIFT it does not change.
    localparam int unsigned BITS = IN_BITS + WEIGHT_BITS + $clog2(I + 1);

    wire signed [IN_BITS:0] data = $signed(
        {IN_SIGNED != 0 && g_operands[I].g_cycle[r/2].g_at.data[IN_BITS-1], g_operands[I].g_cycle[r/2].g_at.data}
    );
    wire signed [WEIGHT_BITS-1:0] weight = $signed(g_operands[I].g_cycle[r/2].g_at.weight);
    logic [2:0] digit;  // the digit's two bits and the one below
    if (K == 0) begin : g_lowest
      assign digit = 3'({(WEIGHT_BITS + 2)'(weight), 1'b0});
    end else begin : g_other
      assign digit = 3'((WEIGHT_BITS + 2)'(weight) >>> (2 * K - 1));
    end

    // verilator lint_off UNUSEDSIGNAL
    logic [ROW_BITS-1:0] row;  // the top digit of an odd number of bits is never 2 or -2
    // verilator lint_on UNUSEDSIGNAL
    localparam bit SUBTRACT = r > 0;
    always_comb begin
      unique case (digit)
        3'b001, 3'b010: row = ROW_BITS'(data) ^ {ROW_BITS{SUBTRACT}};
        3'b011: row = {data, 1'b0} ^ {ROW_BITS{SUBTRACT}};
        3'b100: row = {data, 1'b0} ^ {ROW_BITS{!SUBTRACT}};
        3'b101, 3'b110: row = ROW_BITS'(data) ^ {ROW_BITS{!SUBTRACT}};
        default: row = '0;
      endcase
    end

    logic signed [BITS-1:0] sum;  // combinational
    if (r == 0) begin : g_first
      assign sum = BITS'($signed(row));
    end else begin : g_add
      localparam int unsigned BEFORE = IN_BITS + WEIGHT_BITS + $clog2((r - 1) / DIGITS + 1);
      wire signed [BEFORE-1:0] so_far;
      if (r % 2 == 0) begin : g_registered
        logic signed [BEFORE-1:0] held;
        always_ff @(posedge clk_i) if (advance_i) held <= g_row[r-1].sum;
        assign so_far = held;
      end else begin : g_same_cycle
        assign so_far = g_row[r-1].sum;
      end
      wire signed [BITS-1:0] extended = BITS'(so_far);
      if (SHIFT > 0) begin : g_low
        assign sum[SHIFT-1:0] = extended[SHIFT-1:0];
      end
      assign sum[BITS-1:SHIFT] = extended[BITS-1:SHIFT] - (BITS - SHIFT)'($signed(row));
    end
  end

  always_ff @(posedge clk_i) if (advance_i) sum_o <= g_row[ROWS-1].sum;

endmodule

`default_nettype wire
