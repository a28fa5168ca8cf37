// SPDX-License-Identifier: BSD-3-Clause
// Checks regions while their words pass: bursts of several streams, one after the other.
//
// A region's words are coefficients of a polynomial over GF(2), the highest bit of the first word that of the highest power. It
// is whole when x**64 + x**4 + x**3 + x + 1 (primitive; the CRC-64 of ISO 3309) divides it: every change within 64 bits in a
// row and every change of two bits is found, of others all but one in 2**64. The first word is {stream's number, identity}.
// Every beat must have a response without error, and the last of a burst, no other, RLAST. The verdict comes a cycle later.
`default_nettype none

module qu_weight_check #(
    parameter int unsigned STREAMS = 2,            // at least 1
    parameter logic [STREAMS*16-1:0] NUMBER = '0,  // each stream's number in the whole memory, the first lowest
    parameter logic [47:0] IDENTITY = '0,          // of the memory's contents
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic                   valid_i,      // a beat
    input  wire logic [           63:0] data_i,
    input  wire logic                   bus_error_i,  // its response is an error
    input  wire logic                   rlast_i,      // it came with RLAST
    input  wire logic [STREAM_BITS-1:0] stream_i,     // whose beat it is
    input  wire logic                   first_i,      // the region's first
    input  wire logic                   burst_end_i,  // the burst's last
    input  wire logic                   last_i,       // the region's last
    output      logic                   whole_o,      // pulse: the region of stream_o has ended, without a fault in this beat
    output      logic [            3:0] wrong_o,      // pulses: {RLAST at a wrong beat, check sum, identity, bus error}
    output      logic [STREAM_BITS-1:0] stream_o      // of whole_o and wrong_o
);

  if (STREAMS < 1) begin : g_check_streams
    $error("%m: STREAMS must be at least 1");
  end

  // s * x**64 modulo the polynomial: x**64 is x**4 + x**3 + x + 1, and so is what that carries beyond bit 63 once more.
  function automatic logic [63:0] times_word(input logic [63:0] s);
    logic [67:0] product;
    logic [7:0] carried;
    product = {4'b0, s} ^ {3'b0, s, 1'b0} ^ {1'b0, s, 3'b0} ^ {s, 4'b0};
    carried = {4'b0, product[67:64]} ^ {3'b0, product[67:64], 1'b0} ^ {1'b0, product[67:64], 3'b0} ^ {product[67:64], 4'b0};
    return product[63:0] ^ {56'b0, carried};
  endfunction

  (* ram_style = "distributed" *) logic [63:0] remainders[STREAMS];
  wire [63:0] remainder = (first_i ? '0 : times_word(remainders[stream_i])) ^ data_i;
  always_ff @(posedge clk_i) if (valid_i) remainders[stream_i] <= remainder;

  logic checked, ended, bus_error, foreign, wrong_end;
  logic [63:0] rest;
  always_ff @(posedge clk_i) begin
    checked <= valid_i && !rst_i;
    ended <= last_i;
    rest <= remainder;
    stream_o <= stream_i;
    bus_error <= bus_error_i;
    foreign <= first_i && data_i != {NUMBER[stream_i*16+:16], IDENTITY};
    wrong_end <= rlast_i != burst_end_i;
  end
  assign wrong_o = checked ? {wrong_end, ended && rest != '0, foreign, bus_error} : '0;
  assign whole_o = checked && ended && wrong_o == '0;

endmodule

`default_nettype wire
