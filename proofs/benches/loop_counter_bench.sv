// SPDX-License-Identifier: BSD-3-Clause
// Loop counter: every COUNT-th step since reset is a last one, and no other.
`default_nettype none

module loop_counter_bench #(
    parameter int unsigned COUNT = 3
) (
    input wire logic clk_i,
    input wire logic rst_i,
    input wire logic step_i
);

  logic last_o, off;
  int unsigned steps;  // modulo COUNT

  qu_loop_counter #(.COUNT(COUNT)) dut (.*);
  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  always_ff @(posedge clk_i) begin
    if (off) steps <= 0;
    else if (step_i) steps <= steps + 1 == COUNT ? 0 : steps + 1;
  end

  always_comb begin
    if (!off) begin
      last : assert (last_o == (steps + 1 == COUNT));
      wrapped : cover (step_i && last_o);
    end
  end

endmodule

`default_nettype wire
