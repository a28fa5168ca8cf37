// SPDX-License-Identifier: BSD-3-Clause
// Bounded liveness: what is due comes within CYCLES cycles.
//
// A safety property that excludes a deadlock, so that induction can decide it.
`default_nettype none

module responds #(
    parameter int unsigned CYCLES = 4  // at least 1
) (
    input wire logic clk_i,
    input wire logic rst_i,
    input wire logic due_i,   // the event is owed in this cycle
    input wire logic event_i  // it happens in this cycle
);

  localparam int unsigned BITS = $clog2(CYCLES + 1);
  logic [BITS-1:0] waited;  // cycles in a row, before this one, in which the event was due and did not happen

  always_ff @(posedge clk_i) begin
    if (rst_i || !due_i || event_i) waited <= '0;
    else if (waited != BITS'(CYCLES)) waited <= waited + 1'b1;
  end

  always_comb begin
    if (!rst_i && due_i) comes : assert (event_i || waited < BITS'(CYCLES - 1));
  end

endmodule

`default_nettype wire
