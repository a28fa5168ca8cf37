// SPDX-License-Identifier: BSD-3-Clause
// For simulation only: the clock buffer.
`default_nettype none

module BUFG (
    input  wire logic I,
    output wire logic O
);

  assign O = I;

endmodule

`default_nettype wire
