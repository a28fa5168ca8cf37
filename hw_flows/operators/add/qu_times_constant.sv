// SPDX-License-Identifier: BSD-3-Clause
// FACTOR * element, modulo 2**OUT_BITS, without a multiplier and without a register.
//
// A factor of 1, 2, 4, ... is wiring. For any other the element is cut into parts of at most six bits; each part times the factor
// is a table in LUTs, and the parts are added up.
`default_nettype none

module qu_times_constant #(
    parameter int unsigned IN_BITS   = 8,  // bits of the element, at least 1
    parameter int unsigned IN_SIGNED = 0,  // 1: the element is two's complement
    parameter int          FACTOR    = 1,
    parameter int unsigned OUT_BITS  = 8   // bits of the product, 1 to 48
) (
    input  wire logic [ IN_BITS-1:0] element_i,
    output      logic [OUT_BITS-1:0] product_o
);

  localparam int unsigned PARTS = (IN_BITS + 5) / 6;  // a LUT reads six bits
  localparam int unsigned PART_BITS = (IN_BITS + PARTS - 1) / PARTS;

  if (FACTOR > 0 && (FACTOR & (FACTOR - 1)) == 0) begin : g_shift
    if (IN_SIGNED != 0) begin : g_signed
      assign product_o = OUT_BITS'($signed(element_i)) << $clog2(FACTOR);
    end else begin : g_unsigned
      assign product_o = OUT_BITS'(element_i) << $clog2(FACTOR);
    end
  end else begin : g_tables
    wire [PARTS*OUT_BITS-1:0] sums;  // of the parts up to this one

    for (genvar k = 0; k < PARTS; k++) begin : g_part
      localparam int unsigned LOW = k * PART_BITS;
      localparam int unsigned BITS = k == PARTS - 1 ? IN_BITS - LOW : PART_BITS;
      localparam int unsigned ENTRIES = 1 << BITS;
      localparam int SIGN = IN_SIGNED != 0 && k == PARTS - 1 ? 1 : 0;
      wire [OUT_BITS-1:0] table_of[ENTRIES];
      for (genvar v = 0; v < ENTRIES; v++) begin : g_entry
        localparam longint VALUE = SIGN != 0 && v >= ENTRIES / 2 ? 64'(v) - 64'(ENTRIES) : 64'(v);
        assign table_of[v] = OUT_BITS'((64'(FACTOR) * VALUE) << LOW);
      end
      wire [OUT_BITS-1:0] product = table_of[element_i[LOW+:BITS]];
      if (k == 0) begin : g_first
        assign sums[OUT_BITS-1:0] = product;
      end else begin : g_next
        // Kept, so that each sum has an adder: trees of compressors, which Yosys would make, take a third more LUTs.
        (* keep *) wire [OUT_BITS-1:0] sum = sums[(k-1)*OUT_BITS+:OUT_BITS] + product;
        assign sums[k*OUT_BITS+:OUT_BITS] = sum;
      end
    end
    assign product_o = sums[(PARTS-1)*OUT_BITS+:OUT_BITS];
  end

endmodule

`default_nettype wire
