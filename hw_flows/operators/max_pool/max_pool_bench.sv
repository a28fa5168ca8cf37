// SPDX-License-Identifier: BSD-3-Clause
// Max pool: each output element is the largest of its window. A frame is KERNEL_H rows; one window of it is followed.
`default_nettype none

module max_pool_bench #(
    parameter int unsigned ELEMENT_BITS = 2,
    parameter int unsigned IS_SIGNED = 0,
    parameter int unsigned LANES = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned WIDTH = 4,
    parameter int unsigned KERNEL_H = 2,
    parameter int unsigned KERNEL_W = 2,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned OUT_WORDS = WIDTH / KERNEL_W * FOLD,
    localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1)
) (
    input wire logic                          clk_i,
    input wire logic                          rst_i,
    input wire logic                          choose_i,
    input wire logic [          OUT_BITS-1:0] window_i,  // free constant: the followed output word of a frame
    input wire logic [LANES*ELEMENT_BITS-1:0] s_axis_tdata,
    input wire logic                          s_axis_tvalid,
    input wire logic                          m_axis_tready
);

  localparam int unsigned WORD_BITS = LANES * ELEMENT_BITS;
  localparam int unsigned IN_WORDS = KERNEL_H * WIDTH * FOLD;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);

  logic s_axis_tready, m_axis_tvalid, off, followed, coming, within_window, complete;
  logic [WORD_BITS-1:0] m_axis_tdata, largest;
  logic [OUT_BITS-1:0] out_index;
  logic [IN_BITS-1:0] in_index, need;
  logic [IN_BITS-1:0] collected;  // words of the window so far
  logic signed [2:0] ahead;

  qu_max_pool #(
      .ELEMENT_BITS(ELEMENT_BITS), .IS_SIGNED(IS_SIGNED), .LANES(LANES), .FOLD(FOLD), .WIDTH(WIDTH), .KERNEL_H(KERNEL_H),
      .KERNEL_W(KERNEL_W), .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(OUT_BITS)) free (.clk_i, .rst_i, .constant_i(window_i), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i('0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(), .word_o(), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));

  always_comb begin
    within_window = 1'b0;
    need = '0;
    for (int unsigned i = 0; i < IN_WORDS; i++) begin
      automatic int unsigned window = i / FOLD % WIDTH / KERNEL_W * FOLD + i % FOLD;
      if (in_index == IN_BITS'(i)) within_window = window_i == OUT_BITS'(window);
      if (out_index == OUT_BITS'(window)) need = IN_BITS'(i + 1);
    end
  end

  assign complete = collected == IN_BITS'(KERNEL_H * KERNEL_W);
  always_ff @(posedge clk_i) begin
    if (off) collected <= '0;
    else if (coming && s_axis_tvalid && s_axis_tready) begin
      if (in_index == '0) collected <= IN_BITS'(within_window);
      else collected <= collected + IN_BITS'(within_window);
      for (int i = 0; i < LANES; i++) begin
        if (within_window && (in_index == '0 || collected == '0
            || (IS_SIGNED != 0 ? $signed(s_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS]) > $signed(largest[i*ELEMENT_BITS+:ELEMENT_BITS])
                               : s_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS] > largest[i*ELEMENT_BITS+:ELEMENT_BITS])))
          largest[i*ELEMENT_BITS+:ELEMENT_BITS] <= s_axis_tdata[i*ELEMENT_BITS+:ELEMENT_BITS];
      end
    end
  end

  responds #(.CYCLES(2)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 || (ahead == 0 && in_index >= need)), .event_i(m_axis_tvalid));
  responds #(.CYCLES(2)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  always_comb begin
    assume (window_i < OUT_BITS'(OUT_WORDS));
    if (!off) begin
      if (m_axis_tvalid && followed && out_index == window_i) maximum : assert (complete && m_axis_tdata == largest);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
