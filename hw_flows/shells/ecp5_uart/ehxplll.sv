// SPDX-License-Identifier: BSD-3-Clause
// The PLL primitive of the ECP5 as the tools know it; ports and parameters that the shell uses, FPGA-TN-02200.
// Simulations take ehxplll_model.sv instead.
`default_nettype none

(* blackbox *)
module EHXPLLL #(
    parameter int CLKI_DIV = 1,
    parameter int CLKFB_DIV = 1,
    parameter int CLKOP_DIV = 8,
    parameter int CLKOP_CPHASE = 0,
    parameter int CLKOP_FPHASE = 0,
    parameter CLKOP_ENABLE = "ENABLED",
    parameter FEEDBK_PATH = "CLKOP"
) (
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
    output      logic CLKOP,
    output      logic LOCK
);
endmodule

`default_nettype wire
