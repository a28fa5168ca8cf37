// SPDX-License-Identifier: BSD-3-Clause
// Sums over the passes of a group, one for each pixel of the block and lane.
//
// Every pass adds its sum and 1 to each pixel's: as sum - ~so_far the choice of what there was goes into the LUTs of the carry
// chain (see qu_matrix_vector.sv). The control comes a cycle before the sum that it is for, so that the memory can be read.
`default_nettype none

module qu_block_sums #(
    parameter int unsigned PIXELS = 8,    // of a block, at least 3
    parameter int unsigned PE = 1,        // lanes, at least 1
    parameter int unsigned SUM_BITS = 8,  // bits of what is added, two's complement
    parameter int unsigned ACC_BITS = 12, // bits of a sum, modulo
    parameter int unsigned PASSES = 9,    // of a group, at least 1
    parameter int unsigned BLOCK_RAM = 0  // 1: in block memory, 0: in distributed memory
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic                   valid_i,  // in the next cycle sums_i is a pixel's,
    input  wire logic                   last_i,   // the last one's of the pass
    input  wire logic                   first_i,  // and the pass is the first of its group
    input  wire logic                   final_i,  // or the last one
    input  wire logic [PE*SUM_BITS-1:0] sums_i,
    output      logic [PE*ACC_BITS-1:0] data_o,
    output      logic                   valid_o,  // data_o is complete
    output      logic                   last_o    // and the last of the group
);

  if (PIXELS < 3 || PE < 1 || PASSES < 1) begin : g_check_sizes
    $error("%m: PIXELS (%0d) must be at least 3, PE and PASSES at least 1", PIXELS);
  end

  logic valid, last, first, final_pass;
  always_ff @(posedge clk_i) begin
    if (rst_i) {valid, valid_o} <= '0;
    else {valid, valid_o} <= {valid_i, valid && final_pass};
    {last, first, final_pass, last_o} <= {last_i, first_i, final_i, last};
  end

  wire [PE*ACC_BITS-1:0] so_far;
  if (PASSES > 1) begin : g_memory
    localparam int unsigned BITS = $clog2(PIXELS);
    logic [BITS-1:0] read_address, write_address;
    logic written;  // data_o is to be kept
    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        read_address <= '0;
        written <= 1'b0;
      end else begin
        if (valid_i) read_address <= last_i ? '0 : read_address + 1'b1;
        written <= valid;
      end
    end
    logic [BITS-1:0] address;
    always_ff @(posedge clk_i) {write_address, address} <= {address, read_address};
    qu_simple_dual_port_ram #(.WORD_BITS(PE * ACC_BITS), .DEPTH(PIXELS), .BLOCK_RAM(BLOCK_RAM)) ram (
        .clk_i,
        .write_i(written),
        .write_address_i(write_address),
        .write_data_i(data_o),
        .read_i(1'b1),
        .read_address_i(read_address),
        .read_data_o(so_far)
    );
  end else begin : g_no_memory
    assign so_far = '0;
  end

  for (genvar p = 0; p < PE; p++) begin : g_lane
    wire [ACC_BITS-1:0] start = PASSES == 1 || first ? '0 : so_far[p*ACC_BITS+:ACC_BITS];
    always_ff @(posedge clk_i) data_o[p*ACC_BITS+:ACC_BITS] <= ACC_BITS'($signed(sums_i[p*SUM_BITS+:SUM_BITS])) - ~start;
  end

endmodule

`default_nettype wire
