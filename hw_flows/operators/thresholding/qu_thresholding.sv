// SPDX-License-Identifier: BSD-3-Clause
// Quantization by thresholds: output = BIAS + number of thresholds that the input reaches, per channel.
//
// A word holds PE neighbouring channels; the channels of a pixel come in FOLD words. Each lane searches its sorted thresholds
// by bisection, one result bit a pipeline stage. One word a cycle; s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_thresholding #(
    parameter int unsigned PE = 1,              // channels in a word, at least 1
    parameter int unsigned FOLD = 1,            // groups of PE channels with thresholds of their own (1: all alike)
    parameter int unsigned STEP_BITS = 4,       // result bits of the search: 2**STEP_BITS - 1 thresholds a channel
    parameter int unsigned IN_BITS = 8,         // bits of an input element
    parameter int unsigned IN_SIGNED = 1,       // 1: input elements are two's complement
    parameter int unsigned OUT_BITS = 4,        // bits of an output element
    parameter int BIAS = 0,                     // output where the input is below every threshold
    parameter int unsigned WITHIN_STAGES = 4,   // the first stages that read their few thresholds within the comparison
    parameter int unsigned BLOCK_STAGES = 0,    // the last stages whose thresholds lie in block memory
    parameter MEMORY_PREFIX = ""                // <prefix>_thresholds_<lane>_<stage>.mem: see `qu_threshold_stage`
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    input  wire logic [PE*IN_BITS-1:0]  s_axis_tdata,
    input  wire logic                   s_axis_tvalid,
    output      logic                   s_axis_tready,
    output      logic [PE*OUT_BITS-1:0] m_axis_tdata,
    output      logic                   m_axis_tvalid,
    input  wire logic                   m_axis_tready
);

  if (PE < 1 || FOLD < 1) begin : g_check_folding
    $error("%m: PE (%0d) and FOLD (%0d) must be at least 1", PE, FOLD);
  end
  if (STEP_BITS < 1 || WITHIN_STAGES + BLOCK_STAGES > STEP_BITS) begin : g_check_steps
    $error("%m: STEP_BITS (%0d) must be at least 1 and at least WITHIN_STAGES (%0d) + BLOCK_STAGES (%0d)", STEP_BITS,
           WITHIN_STAGES, BLOCK_STAGES);
  end

  localparam int unsigned LATENCY = 2 * STEP_BITS - WITHIN_STAGES;
  localparam int unsigned GROUP_BITS = FOLD > 1 ? $clog2(FOLD) : 1;

  wire advance = !m_axis_tvalid || m_axis_tready;
  logic [LATENCY-1:0] valid;
  logic [GROUP_BITS-1:0] group;

  assign s_axis_tready = advance;
  assign m_axis_tvalid = valid[LATENCY-1];

  always_ff @(posedge clk_i) begin
    if (rst_i) valid <= '0;
    else if (advance) valid <= LATENCY'({valid, s_axis_tvalid});
  end

  if (FOLD > 1) begin : g_group
    always_ff @(posedge clk_i) begin
      if (rst_i) group <= '0;
      else if (s_axis_tvalid && advance) group <= group == GROUP_BITS'(FOLD - 1) ? '0 : group + 1'b1;
    end
  end else begin : g_one_group
    assign group = '0;
  end

  for (genvar i = 0; i < PE; i++) begin : g_lane
    for (genvar k = 0; k < STEP_BITS; k++) begin : g_stage
      // Into the stage: the element, its group, the result bits so far, the highest first.
      logic [GROUP_BITS-1:0] stage_group;
      logic [IN_BITS-1:0] data;
      logic [(k > 0 ? k : 1)-1:0] steps;
      // Out of it; the last stage's group and element have no reader.
      // verilator lint_off UNUSEDSIGNAL
      logic [GROUP_BITS-1:0] next_group;
      logic [IN_BITS-1:0] next_data;
      // verilator lint_on UNUSEDSIGNAL
      logic [k:0] next_steps;

      if (k == 0) begin : g_first
        assign stage_group = group;
        assign data = s_axis_tdata[i*IN_BITS+:IN_BITS];
        assign steps = '0;
      end else begin : g_next
        assign stage_group = g_stage[k-1].next_group;
        assign data = g_stage[k-1].next_data;
        assign steps = g_stage[k-1].next_steps;
      end

      qu_threshold_stage #(
          .GROUPS(FOLD),
          .STAGE(k),
          .IN_BITS(IN_BITS),
          .IN_SIGNED(IN_SIGNED),
          .STYLE(k < WITHIN_STAGES ? 0 : k + BLOCK_STAGES < STEP_BITS ? 1 : 2),
          .MEMORY_FILE($sformatf("%s_thresholds_%0d_%0d.mem", MEMORY_PREFIX, i, k))
      ) stage (
          .clk_i,
          .advance_i(advance),
          .group_i(stage_group),
          .data_i(data),
          .steps_i(steps),
          .group_o(next_group),
          .data_o(next_data),
          .steps_o(next_steps)
      );
    end
    assign m_axis_tdata[i*OUT_BITS+:OUT_BITS] = OUT_BITS'(32'(g_stage[STEP_BITS-1].next_steps) + BIAS);
  end

endmodule

`default_nettype wire
