// SPDX-License-Identifier: BSD-3-Clause
// Numbers of the frames that were taken in and not yet answered, in order.
`default_nettype none

module qu_frame_numbers (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic [7:0] number_i,
    input  wire logic       push_i,    // not while full_o
    input  wire logic       pop_i,     // not while empty_o
    output      logic [7:0] number_o,  // the oldest
    output      logic       empty_o,
    output      logic       full_o
);

  localparam int unsigned DEPTH = 16;
  localparam int unsigned BITS = $clog2(DEPTH);

  logic [BITS:0] first, last;
  (* ram_style = "distributed" *) logic [7:0] memory[DEPTH];

  assign number_o = memory[first[BITS-1:0]];
  assign empty_o = first == last;
  assign full_o = last == {~first[BITS], first[BITS-1:0]};

  always_ff @(posedge clk_i) begin
    if (push_i) memory[last[BITS-1:0]] <= number_i;
    if (rst_i) begin
      first <= '0;
      last <= '0;
    end else begin
      if (push_i) last <= last + 1'b1;
      if (pop_i) first <= first + 1'b1;
    end
  end

endmodule

`default_nettype wire
