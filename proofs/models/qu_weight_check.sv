// SPDX-License-Identifier: BSD-3-Clause
// Stands in for the check of weights where its user is proved: any verdict at all, a cycle after each beat.
//
// What it keeps of the module is proved of that: a region that is whole ends with a beat that is not wrong, and nothing is said
// without a beat.
`default_nettype none

module qu_weight_check #(
    parameter int unsigned STREAMS = 2,
    parameter logic [STREAMS*16-1:0] NUMBER = '0,
    parameter logic [47:0] IDENTITY = '0,
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic                   valid_i,
    input  wire logic [           63:0] data_i,
    input  wire logic                   bus_error_i,
    input  wire logic                   rlast_i,
    input  wire logic [STREAM_BITS-1:0] stream_i,
    input  wire logic                   first_i,
    input  wire logic                   burst_end_i,
    input  wire logic                   last_i,
    output      logic                   whole_o,
    output      logic [            3:0] wrong_o,
    output      logic [STREAM_BITS-1:0] stream_o
);

  logic checked, ended;
  logic [3:0] verdict;
  anything #(.WORD_BITS(4)) free (.value_o(verdict));
  always_ff @(posedge clk_i) begin
    checked <= valid_i && !rst_i;
    ended <= last_i;
    stream_o <= stream_i;
  end
  assign wrong_o = checked ? verdict : '0;
  assign whole_o = checked && ended && wrong_o == '0;

endmodule

`default_nettype wire
