// SPDX-License-Identifier: BSD-3-Clause
// Number of thresholds that each element reaches, by bisection, of tables that are written while others are in use.
//
// A stage is two cycles: its threshold is read from a table with two banks, then compared. Elements come in groups, which use
// the banks in turn; row_number_i is qu_block_weights'.
`default_nettype none

module qu_block_thresholds #(
    parameter int unsigned PE = 1,        // lanes, at least 1
    parameter int unsigned STEP_BITS = 4, // 2**STEP_BITS - 1 thresholds a lane, at least 1
    parameter int unsigned IN_BITS = 12   // bits of an element and of a threshold, two's complement
) (
    input  wire logic                    clk_i,
    input  wire logic                    rst_i,
    input  wire logic                    row_valid_i,
    input  wire logic                    row_bank_i,
    input  wire logic [STEP_BITS-1:0]    row_number_i,
    input  wire logic [PE*IN_BITS-1:0]   row_i,
    input  wire logic [PE*IN_BITS-1:0]   data_i,
    input  wire logic                    valid_i,
    input  wire logic                    last_i,  // of the group
    output      logic [PE*STEP_BITS-1:0] steps_o,
    output      logic                    valid_o,
    output      logic                    last_o
);

  if (PE < 1 || STEP_BITS < 1) begin : g_check_sizes
    $error("%m: PE and STEP_BITS must be at least 1");
  end

  localparam int unsigned LATENCY = 2 * STEP_BITS;
  logic [LATENCY:0] valid, last, bank;
  assign valid[0] = valid_i;
  assign last[0] = last_i;
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid[LATENCY:1] <= '0;
      bank[0] <= 1'b0;
    end else begin
      valid[LATENCY:1] <= valid[LATENCY-1:0];
      if (valid_i && last_i) bank[0] <= !bank[0];
    end
    last[LATENCY:1] <= last[LATENCY-1:0];
    bank[LATENCY:1] <= bank[LATENCY-1:0];
  end
  assign valid_o = valid[LATENCY];
  assign last_o = last[LATENCY];
  wire unused = &{1'b0, bank[LATENCY:LATENCY-1]};

  for (genvar k = 0; k < STEP_BITS; k++) begin : g_stage
    // Thresholds 2**k to 2**(k + 1) - 1.
    wire write = row_valid_i && row_number_i[STEP_BITS-1:k] == (STEP_BITS - k)'(1);
    for (genvar p = 0; p < PE; p++) begin : g_lane
      logic [IN_BITS-1:0] data, compared;
      wire [IN_BITS-1:0] threshold;
      logic [k:0] read_address, write_address, steps;
      if (k == 0) begin : g_first
        assign data = data_i[p*IN_BITS+:IN_BITS];
        assign read_address = bank[0];
        assign write_address = row_bank_i;
      end else begin : g_next
        logic [k-1:0] so_far;
        assign data = g_stage[k-1].g_lane[p].g_on.data_on;
        assign read_address = {bank[2*k], g_stage[k-1].g_lane[p].steps};
        assign write_address = {row_bank_i, row_number_i[k-1:0]};
        always_ff @(posedge clk_i) so_far <= g_stage[k-1].g_lane[p].steps;
      end
      qu_simple_dual_port_ram #(.WORD_BITS(IN_BITS), .DEPTH(2 << k), .BLOCK_RAM(0)) thresholds (
          .clk_i,
          .write_i(write),
          .write_address_i(write_address),
          .write_data_i(row_i[p*IN_BITS+:IN_BITS]),
          .read_i(1'b1),
          .read_address_i(read_address),
          .read_data_o(threshold)
      );
      wire reached;
      qu_not_less #(.BITS(IN_BITS), .SIGNED(1)) compare (.left_i(compared), .right_i(threshold), .not_less_o(reached));
      always_ff @(posedge clk_i) compared <= data;
      if (k == 0) begin : g_steps
        always_ff @(posedge clk_i) steps <= reached;
      end else begin : g_more_steps
        always_ff @(posedge clk_i) steps <= {g_next.so_far, reached};
      end
      if (k + 1 < STEP_BITS) begin : g_on
        logic [IN_BITS-1:0] data_on;
        always_ff @(posedge clk_i) data_on <= compared;
      end else begin : g_out
        assign steps_o[p*STEP_BITS+:STEP_BITS] = steps;
      end
    end
  end

endmodule

`default_nettype wire
