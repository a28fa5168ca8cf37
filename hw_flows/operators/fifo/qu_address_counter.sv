// SPDX-License-Identifier: BSD-3-Clause
// Addresses of a ring of words, one after the other; any order will do.
//
// SCATTERED 0: 0, 1, ... WORDS - 1. SCATTERED 1: a linear feedback shift register through 2**BITS - 1 addresses, one LUT
// instead of one per bit; never all ones. Taps: P. Alfke, Xilinx XAPP 052, table 3.
`default_nettype none

module qu_address_counter #(
    parameter int unsigned BITS = 4,       // bits of an address, 2 to 24 where SCATTERED
    parameter int unsigned WORDS = 16,     // addresses where not SCATTERED, at most 2**BITS
    parameter int unsigned SCATTERED = 0   // 1: 2**BITS - 1 addresses in scattered order
) (
    input  wire logic            clk_i,
    input  wire logic            rst_i,
    input  wire logic            step_i,
    output      logic [BITS-1:0] address_o
);

  if (SCATTERED != 0 && (BITS < 2 || BITS > 24)) begin : g_check_bits
    $error("%m: BITS (%0d) must be 2 to 24 where SCATTERED", BITS);
  end

  // Bit t - 1 is set for tap t.
  function automatic logic [23:0] taps();
    case (BITS)
      2: return 24'h000003;
      3: return 24'h000006;
      4: return 24'h00000c;
      5: return 24'h000014;
      6: return 24'h000030;
      7: return 24'h000060;
      8: return 24'h0000b8;
      9: return 24'h000110;
      10: return 24'h000240;
      11: return 24'h000500;
      12: return 24'h000829;
      13: return 24'h00100d;
      14: return 24'h002015;
      15: return 24'h006000;
      16: return 24'h00d008;
      17: return 24'h012000;
      18: return 24'h020400;
      19: return 24'h040023;
      20: return 24'h090000;
      21: return 24'h140000;
      22: return 24'h300000;
      23: return 24'h420000;
      default: return 24'he10000;
    endcase
  endfunction

  if (SCATTERED != 0) begin : g_scattered
    localparam logic [23:0] TAPS = taps();

    always_ff @(posedge clk_i) begin
      if (rst_i) address_o <= '0;
      else if (step_i) address_o <= {address_o[BITS-2:0], ~^(address_o & TAPS[BITS-1:0])};
    end
  end else begin : g_counted
    always_ff @(posedge clk_i) begin
      if (rst_i) address_o <= '0;
      else if (step_i) address_o <= address_o == BITS'(WORDS - 1) ? '0 : address_o + 1'b1;
    end
  end

endmodule

`default_nettype wire
