// SPDX-License-Identifier: BSD-3-Clause
// Matrix-vector unit: every vector of two one-bit elements times ((1, -1), (-2, 1)), words in order. A frame is one vector.
//
// This is about the stream and the order of the sums, with products in DSP slices; products in LUTs differ in the arithmetic
// only, which simulation compares with the golden model. The files of weights are in the list of benches, operators.py.
`default_nettype none

module matrix_vector_bench #(
    parameter int unsigned SIMD = 1,
    parameter int unsigned PE = 1,
    parameter int unsigned BLOCK_BUFFER = 0,
    parameter int unsigned BLOCK_WEIGHTS = 0
) (
    input wire logic            clk_i,
    input wire logic            rst_i,
    input wire logic            choose_i,
    input wire logic            row_i,  // free constant: the followed output element
    input wire logic [SIMD-1:0] s_axis_tdata,
    input wire logic            s_axis_tvalid,
    input wire logic            m_axis_tready
);

  localparam int unsigned BITS = 4;
  localparam int unsigned IN_WORDS = 2 / SIMD;
  localparam int unsigned OUT_WORDS = 2 / PE;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);
  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);

  logic s_axis_tready, m_axis_tvalid, off, followed, coming, complete;
  logic [PE*BITS-1:0] m_axis_tdata;
  logic [BITS-1:0] sum;
  logic [IN_BITS-1:0] in_index;
  logic [OUT_BITS-1:0] out_index;
  logic [1:0] elements;  // of the followed vector
  logic signed [4:0] ahead;

  qu_matrix_vector #(
      .MW(2), .MH(2), .SIMD(SIMD), .PE(PE), .IN_BITS(1), .IN_SIGNED(0), .WEIGHT_BITS(2), .OUT_BITS(BITS), .USE_DSP(1),
      .CHAIN(1), .BLOCK_WEIGHTS(BLOCK_WEIGHTS), .BLOCK_BUFFER(BLOCK_BUFFER),
      .MEMORY_PREFIX($sformatf("proof_%0d_%0d", SIMD, PE))) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(1)) free (.clk_i, .rst_i, .constant_i(row_i), .off_o(off));
  stream_rules #(.WORD_BITS(SIMD), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(PE * BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(SIMD), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(8)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i('0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(), .word_o(), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));
  responds #(.CYCLES(14)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(5)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  always_ff @(posedge clk_i) begin
    if (off) complete <= 1'b0;
    else if (coming && s_axis_tvalid && s_axis_tready) begin
      complete <= in_index == IN_BITS'(IN_WORDS - 1);
      if (SIMD == 2) elements <= 2'(s_axis_tdata);
      else elements[in_index[0]] <= s_axis_tdata[0];
    end
  end

  wire [BITS-1:0] x = BITS'(elements[0]);
  wire [BITS-1:0] y = BITS'(elements[1]);
  always_comb begin
    sum = row_i ? y - (x << 1) : x - y;
    if (!off) begin
      if (m_axis_tvalid && followed && (PE == 2 || out_index[0] == row_i))
        product : assert (complete && (PE == 2 && row_i ? m_axis_tdata[PE*BITS-1-:BITS] : m_axis_tdata[BITS-1:0]) == sum);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
