// One stage of the search in a thresholding lane: compares the element with the threshold in the middle of what is left.
//
// MEMORY_FILE holds, for each group of channels, one threshold for each of the 2**STAGE results of the stages before. A
// threshold t counts when data > t, strictly (t is the network's threshold minus one).
`default_nettype none

module threshold_stage #(
    parameter int unsigned GROUPS = 1,          // groups of channels, at least 1
    parameter int unsigned STAGE = 0,           // position in the search, from 0: result bits known already
    parameter int unsigned IN_BITS = 8,         // bits of an input element
    parameter int unsigned IN_SIGNED = 1,       // 1: input elements are two's complement
    parameter int unsigned THRESHOLD_BITS = 8,  // IN_BITS, or IN_BITS + 1 (then two's complement)
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
  localparam bit COMPARE_SIGNED = IN_SIGNED != 0 || THRESHOLD_BITS > IN_BITS;
  localparam logic [THRESHOLD_BITS-1:0] SIGN = {COMPARE_SIGNED, {(THRESHOLD_BITS - 1) {1'b0}}};

  logic [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] address;
  if (STAGE == 0) begin : g_address_group
    assign address = group_i;
  end else if (GROUPS == 1) begin : g_address_steps
    assign address = steps_i;
  end else begin : g_address_both
    assign address = {group_i, steps_i};
  end

  logic [THRESHOLD_BITS-1:0] threshold;
  logic [GROUP_BITS-1:0] group;
  logic [IN_BITS-1:0] data;
  logic [STEP_BITS-1:0] steps;

  if (STYLE == 0) begin : g_within
    logic [THRESHOLD_BITS-1:0] thresholds[WORDS];
    initial $readmemh(MEMORY_FILE, thresholds);
    assign threshold = thresholds[address];
    assign {group, data, steps} = {group_i, data_i, steps_i};
  end else begin : g_registered
    if (STYLE == 1) begin : g_logic
      (* logic_block *) logic [THRESHOLD_BITS-1:0] thresholds[WORDS];
      initial $readmemh(MEMORY_FILE, thresholds);
      always_ff @(posedge clk_i) if (advance_i) threshold <= thresholds[address];
    end else begin : g_block
      (* rom_style = "block" *) logic [THRESHOLD_BITS-1:0] thresholds[WORDS];
      initial $readmemh(MEMORY_FILE, thresholds);
      always_ff @(posedge clk_i) if (advance_i) threshold <= thresholds[address];
    end
    always_ff @(posedge clk_i) if (advance_i) {group, data, steps} <= {group_i, data_i, steps_i};
  end

  // data > threshold, as the carry of data + ~threshold: then each LUT of the carry chain also holds its bit of a
  // threshold memory of up to 32 words.
  wire [THRESHOLD_BITS-1:0] extended =
      COMPARE_SIGNED && IN_SIGNED != 0 ? THRESHOLD_BITS'($signed(data)) : THRESHOLD_BITS'(data);
  // verilator lint_off UNUSEDSIGNAL
  wire [THRESHOLD_BITS:0] sum = {1'b0, extended ^ SIGN} + {1'b0, ~(threshold ^ SIGN)};  // only the carry is used
  // verilator lint_on UNUSEDSIGNAL

  always_ff @(posedge clk_i) begin
    if (advance_i) begin
      group_o <= group;
      data_o <= data;
    end
  end
  if (STAGE == 0) begin : g_first
    wire unused = &{1'b0, steps};
    always_ff @(posedge clk_i) if (advance_i) steps_o <= sum[THRESHOLD_BITS];
  end else begin : g_next
    always_ff @(posedge clk_i) if (advance_i) steps_o <= {steps, sum[THRESHOLD_BITS]};
  end

endmodule

`default_nettype wire
