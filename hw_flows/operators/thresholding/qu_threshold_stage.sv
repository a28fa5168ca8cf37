// SPDX-License-Identifier: BSD-3-Clause
// One stage of the search in a thresholding lane: compares the element with the threshold in the middle of what is left.
//
// MEMORY_FILE holds, for each group of channels, one threshold for each of the 2**STAGE results of the stages before. A
// word with the highest bit set is no threshold, never reached; otherwise it has the type of the data.
`default_nettype none

module qu_threshold_stage #(
    parameter int unsigned GROUPS = 1,          // groups of channels, at least 1
    parameter int unsigned STAGE = 0,           // position in the search, from 0: result bits known already
    parameter int unsigned IN_BITS = 8,         // bits of an input element
    parameter int unsigned IN_SIGNED = 1,       // 1: input elements are two's complement
    parameter int unsigned STYLE = 0,           // thresholds: 0 read within the comparison, 1 LUTs, 2 block memory
    parameter MEMORY_FILE = ""                  // for $readmemh
) (
    input  wire logic                                         clk_i,
    input  wire logic                                         advance_i,
    input  wire logic [(GROUPS > 1 ? $clog2(GROUPS) : 1)-1:0] group_i,
    input  wire logic [IN_BITS-1:0]                           data_i,
    input  wire logic [(STAGE > 0 ? STAGE : 1)-1:0]           steps_i,  // unused where STAGE is 0
    output      logic [(GROUPS > 1 ? $clog2(GROUPS) : 1)-1:0] group_o,
    output      logic [IN_BITS-1:0]                           data_o,
    output      logic [STAGE:0]                               steps_o
);

  localparam int unsigned GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int unsigned STEP_BITS = STAGE > 0 ? STAGE : 1;
  localparam int unsigned WORDS = GROUPS << STAGE;

  logic [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] address;
  if (STAGE == 0) begin : g_address_group
    assign address = group_i;
  end else if (GROUPS == 1) begin : g_address_steps
    assign address = steps_i;
  end else begin : g_address_both
    assign address = {group_i, steps_i};
  end

  logic [IN_BITS:0] threshold;
  logic [GROUP_BITS-1:0] group;
  logic [IN_BITS-1:0] data;
  logic [STEP_BITS-1:0] steps;

  if (STYLE == 0) begin : g_within
    logic [IN_BITS:0] thresholds[WORDS];
    initial $readmemh(MEMORY_FILE, thresholds);
    assign threshold = thresholds[address];
    assign {group, data, steps} = {group_i, data_i, steps_i};
  end else begin : g_registered
    if (STYLE == 1) begin : g_logic
      (* logic_block *) logic [IN_BITS:0] thresholds[WORDS];
      initial $readmemh(MEMORY_FILE, thresholds);
      always_ff @(posedge clk_i) if (advance_i) threshold <= thresholds[address];
    end else begin : g_block
      (* rom_style = "block" *) logic [IN_BITS:0] thresholds[WORDS];
      initial $readmemh(MEMORY_FILE, thresholds);
      always_ff @(posedge clk_i) if (advance_i) threshold <= thresholds[address];
    end
    always_ff @(posedge clk_i) if (advance_i) {group, data, steps} <= {group_i, data_i, steps_i};
  end

  wire not_less;
  qu_not_less #(.BITS(IN_BITS), .SIGNED(IN_SIGNED)) compare (
      .left_i(data), .right_i(threshold[IN_BITS-1:0]), .not_less_o(not_less));
  wire reached = not_less && !threshold[IN_BITS];

  always_ff @(posedge clk_i) begin
    if (advance_i) begin
      group_o <= group;
      data_o <= data;
    end
  end
  if (STAGE == 0) begin : g_first
    wire unused = &{1'b0, steps};
    always_ff @(posedge clk_i) if (advance_i) steps_o <= reached;
  end else begin : g_next
    always_ff @(posedge clk_i) if (advance_i) steps_o <= {steps, reached};
  end

endmodule

`default_nettype wire
