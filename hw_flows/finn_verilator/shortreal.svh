// SPDX-License-Identifier: BSD-3-Clause
// $bitstoshortreal and $shortrealtobits with Verilator, which reads both as their 64-bit kin. A shortreal is a real there:
// each result of +, - and * of two shortreals, rounded to 32 bits, is the one that 32-bit arithmetic has (IEEE 754: 53
// significant bits are more than twice 24 and 2). Appended to a source that uses them, see adapt.py.
`ifndef FINN_XSI_SHORTREAL
`define FINN_XSI_SHORTREAL
function automatic real qu_bits_to_shortreal(input bit [31:0] bits);
  real magnitude;
  if (bits[30:23] == 8'hff) return $bitstoreal({bits[31], 11'h7ff, bits[22:0], 29'd0});
  if (bits[30:23] != 0) return $bitstoreal({bits[31], 11'(bits[30:23]) + 11'd896, bits[22:0], 29'd0});
  magnitude = $itor({9'd0, bits[22:0]}) * $bitstoreal({12'd874, 52'd0});  // times 2**-149
  return $bitstoreal($realtobits(magnitude) | {bits[31], 63'd0});
endfunction

function automatic bit [31:0] qu_shortreal_to_bits(input real value);
  bit [63:0] bits;
  int exponent, drop;
  bit [55:0] significand, kept;
  bit [31:0] rounded;
  bits = $realtobits(value);
  exponent = int'(bits[62:52]) - 896;  // as a shortreal has it
  if (bits[62:52] == 11'h7ff) return {bits[63], 8'hff, bits[51] || |bits[50:29], bits[50:29]} | 32'(|bits[28:0]);
  if (exponent >= 255) return {bits[63], 8'hff, 23'd0};
  significand = {3'd0, bits[62:52] != 0, bits[51:0]};
  drop = exponent >= 1 ? 29 : 30 - exponent;
  if (drop > 54) return {bits[63], 31'd0};
  kept = significand >> drop;
  rounded = 32'(kept);
  if (exponent > 1) rounded += 32'(exponent - 1) << 23;  // the leading 1 of the significand is the last step
  significand -= kept << drop;
  if (significand > (56'd1 << (drop - 1)) || (significand == (56'd1 << (drop - 1)) && kept[0])) rounded += 1;
  return {bits[63], rounded[30:0]};
endfunction
`endif
