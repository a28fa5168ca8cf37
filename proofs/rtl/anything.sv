// SPDX-License-Identifier: BSD-3-Clause
// A value that may be anything in every cycle. The proofs cut this module out and leave its output free.
`default_nettype none

module anything #(
    parameter int unsigned WORD_BITS = 1  // bits, at least 1
) (
    output logic [WORD_BITS-1:0] value_o
);

  assign value_o = '0;

endmodule

`default_nettype wire
