// SPDX-License-Identifier: BSD-3-Clause
// The places of output pixels: at every one the fraction is that of its place, and steps from one input pixel to the next are
// told where the place crosses it.
`default_nettype none

module resample_axis_bench #(
    parameter int unsigned IN = 3,
    parameter int unsigned OUT = 6,
    parameter int unsigned STEP = 2,
    parameter int unsigned PARTS = 4,
    parameter int unsigned BEFORE = 1
) (
    input wire logic clk_i,
    input wire logic rst_i,
    input wire logic step_i
);

  localparam int unsigned FRACTION_BITS = PARTS > 1 ? $clog2(PARTS) : 1;

  logic off, moves_o, last_o;
  logic [FRACTION_BITS-1:0] fraction_o;
  int unsigned index, pixel;  // output pixel, and the input pixel that counting the steps gives

  qu_resample_axis #(.IN(IN), .OUT(OUT), .STEP(STEP), .PARTS(PARTS), .BEFORE(BEFORE)) dut (.*);
  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  always_ff @(posedge clk_i) begin
    if (off) begin
      index <= 0;
      pixel <= 0;
    end else if (step_i) begin
      index <= index + 1 == OUT ? 0 : index + 1;
      if (moves_o) pixel <= pixel + 1 == IN ? 0 : pixel + 1;
    end
  end

  logic reached;
  int unsigned expected_pixel, expected_fraction;
  always_comb begin
    reached = 1'b0;
    expected_pixel = 0;
    expected_fraction = 0;
    for (int unsigned o = 0; o < OUT; o++) begin
      automatic int unsigned place = o * STEP <= BEFORE ? 0 : o * STEP - BEFORE;
      if (index == o) begin
        reached = 1'b1;
        expected_pixel = place >= (IN - 1) * PARTS ? IN - 1 : place / PARTS;
        expected_fraction = place >= (IN - 1) * PARTS ? 0 : place % PARTS;
      end
    end
    if (!off) begin
      counted : assert (reached);
      place : assert (pixel == expected_pixel && 32'(fraction_o) == expected_fraction);
      last : assert (last_o == (index + 1 == OUT));
      wrapped : cover (step_i && last_o);
    end
  end

endmodule

`default_nettype wire
