// SPDX-License-Identifier: BSD-3-Clause
// One loop of a loop nest: counts steps modulo COUNT and says whether the next step is the last one.
`default_nettype none

module qu_loop_counter #(
    parameter int unsigned COUNT = 2  // steps per round, at least 1
) (
    input  wire logic clk_i,
    input  wire logic rst_i,
    input  wire logic step_i,
    output      logic last_o
);

  if (COUNT < 1) begin : g_check_count
    $error("%m: COUNT must be at least 1");
  end

  if (COUNT == 1) begin : g_single
    // Nothing to count; the inputs are read so that no tool reports them as unused.
    logic unused;
    assign unused = &{1'b0, clk_i, rst_i, step_i};
    assign last_o = 1'b1;
  end else if (COUNT > 1) begin : g_count
    localparam int unsigned BITS = $clog2(COUNT);
    localparam logic [BITS-1:0] LAST = BITS'(COUNT - 1);
    logic [BITS-1:0] count;

    assign last_o = count == LAST;

    always_ff @(posedge clk_i) begin
      if (rst_i) count <= '0;
      else if (step_i) count <= last_o ? '0 : count + 1'b1;
    end
  end

endmodule

`default_nettype wire
