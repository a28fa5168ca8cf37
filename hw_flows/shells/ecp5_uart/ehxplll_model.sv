// SPDX-License-Identifier: BSD-3-Clause
// The PLL for simulations: the clock goes through, whatever the dividers, and is locked at once.
`default_nettype none

// verilator lint_off DECLFILENAME  // it stands in for the primitive
module EHXPLLL #(
    // verilator lint_off UNUSEDPARAM
    parameter CLKI_DIV = 1,
    parameter CLKFB_DIV = 1,
    parameter CLKOP_DIV = 8,
    parameter CLKOP_CPHASE = 0,
    parameter CLKOP_FPHASE = 0,
    parameter CLKOP_ENABLE = "ENABLED",
    parameter FEEDBK_PATH = "CLKOP"
    // verilator lint_on UNUSEDPARAM
) (
    // verilator lint_off UNUSEDSIGNAL
    input  wire logic CLKI,
    input  wire logic CLKFB,
    input  wire logic PHASESEL0,
    input  wire logic PHASESEL1,
    input  wire logic PHASEDIR,
    input  wire logic PHASESTEP,
    input  wire logic PHASELOADREG,
    input  wire logic STDBY,
    input  wire logic PLLWAKESYNC,
    input  wire logic RST,
    input  wire logic ENCLKOP,
    // verilator lint_on UNUSEDSIGNAL
    output      logic CLKOP,
    output      logic LOCK
);

  assign CLKOP = CLKI;
  assign LOCK  = 1'b1;

endmodule
// verilator lint_on DECLFILENAME

`default_nettype wire
