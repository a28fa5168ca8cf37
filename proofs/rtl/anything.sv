// SPDX-License-Identifier: BSD-3-Clause
// A value that may be anything in every cycle. The proofs cut this module out and leave its output free.
`default_nettype none

module anything #(
    parameter int unsigned WIDTH = 1  // bits, at least 1
) (
    output logic [WIDTH-1:0] value_o
);

  assign value_o = '0;

endmodule

`default_nettype wire
