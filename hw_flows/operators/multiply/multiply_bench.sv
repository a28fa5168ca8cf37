// SPDX-License-Identifier: BSD-3-Clause
// Multiply: each word out is made of a word of the first stream and the one of the second that is its partner. A frame is a
// block of KEPT words of the second stream, which is used USES times.
`default_nettype none

module multiply_bench #(
    parameter int unsigned LANES = 1,
    parameter int unsigned BITS_0 = 2,
    parameter int unsigned SIGNED_0 = 0,
    parameter int unsigned BITS_1 = 2,
    parameter int unsigned SIGNED_1 = 0,
    parameter int unsigned OUT_BITS = 4,
    parameter int unsigned SINGLE = 0,
    parameter int unsigned KEPT = 1,
    parameter int unsigned USES = 1,
    parameter int unsigned USE_DSP = 0,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned WORD_1 = (SINGLE != 0 ? 1 : LANES) * BITS_1,
    localparam int unsigned WORDS = KEPT * USES,
    localparam int unsigned INDEX_BITS = $clog2(WORDS + 1)
) (
    input wire logic                    clk_i,
    input wire logic                    rst_i,
    input wire logic                    choose_i,
    input wire logic [  INDEX_BITS-1:0] place_i,
    input wire logic [LANES*BITS_0-1:0] s0_axis_tdata,
    input wire logic                    s0_axis_tvalid,
    input wire logic [      WORD_1-1:0] s1_axis_tdata,
    input wire logic                    s1_axis_tvalid,
    input wire logic                    m_axis_tready
);

  logic s0_axis_tready, s1_axis_tready, m_axis_tvalid, off, followed, coming;
  logic [LANES*OUT_BITS-1:0] m_axis_tdata;
  logic [LANES*BITS_0-1:0] word_0;
  logic [WORD_1-1:0] partner;  // of the followed word
  logic [WORD_1-1:0] gate;  // what the current block has at the followed word's place
  logic [INDEX_BITS-1:0] in_index, out_index;
  logic [1:0] held;  // words inside

  qu_multiply #(
      .LANES(LANES), .BITS_0(BITS_0), .SIGNED_0(SIGNED_0), .BITS_1(BITS_1), .SIGNED_1(SIGNED_1), .OUT_BITS(OUT_BITS),
      .SINGLE(SINGLE), .KEPT(KEPT), .USES(USES), .USE_DSP(USE_DSP), .BLOCK_RAM(BLOCK_RAM)) dut (.*);

  environment #(.CONSTANT_BITS(INDEX_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(LANES * BITS_0), .ASSUME(1)) s0_rules (
      .clk_i, .rst_i(off), .tdata(s0_axis_tdata), .tvalid(s0_axis_tvalid), .tready(s0_axis_tready));
  stream_rules #(.WORD_BITS(WORD_1), .ASSUME(1)) s1_rules (
      .clk_i, .rst_i(off), .tdata(s1_axis_tdata), .tvalid(s1_axis_tvalid), .tready(s1_axis_tready));
  stream_rules #(.WORD_BITS(LANES * OUT_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(LANES * BITS_0), .IN_WORDS(WORDS), .OUT_WORDS(WORDS), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata(s0_axis_tdata), .s_axis_tvalid(s0_axis_tvalid),
      .s_axis_tready(s0_axis_tready), .m_axis_tvalid, .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(),
      .word_o(word_0), .in_index_o(in_index), .out_index_o(out_index), .ahead_o());

  wire push_0 = s0_axis_tvalid && s0_axis_tready;
  wire push_1 = s1_axis_tvalid && s1_axis_tready;
  wire first_use = in_index < INDEX_BITS'(KEPT);
  wire last_use = in_index == INDEX_BITS'(WORDS - 1);

  always_ff @(posedge clk_i) begin
    if (off) held <= '0;
    else held <= held + 2'(push_0) - 2'(m_axis_tvalid && m_axis_tready);
    if (push_1 && in_index == place_i % INDEX_BITS'(KEPT)) gate <= s1_axis_tdata;
    if (push_0 && coming && in_index == place_i) partner <= KEPT == 1 || first_use ? s1_axis_tdata : gate;
  end

  responds #(.CYCLES(2)) prompt (.clk_i, .rst_i(off), .due_i(held != '0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(1)) accepts (
      .clk_i, .rst_i(off), .due_i(s0_axis_tvalid && s1_axis_tvalid && m_axis_tready), .event_i(s0_axis_tready));
  if (KEPT > 1) begin : g_kept  // without a word of the next block
    responds #(.CYCLES(1)) goes_on (
        .clk_i, .rst_i(off), .due_i(s0_axis_tvalid && !first_use && m_axis_tready), .event_i(s0_axis_tready));
  end

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    localparam int unsigned J = SINGLE != 0 ? 0 : i;
    wire sign_0 = SIGNED_0 != 0 && word_0[i*BITS_0+BITS_0-1];
    wire sign_1 = SIGNED_1 != 0 && partner[J*BITS_1+BITS_1-1];
    wire signed [31:0] element_0 = {{(32 - BITS_0) {sign_0}}, word_0[i*BITS_0+:BITS_0]};
    wire signed [31:0] element_1 = {{(32 - BITS_1) {sign_1}}, partner[J*BITS_1+:BITS_1]};
    wire signed [31:0] product = element_0 * element_1;
    always_comb if (!off && m_axis_tvalid && followed && out_index == place_i)
      value : assert (m_axis_tdata[i*OUT_BITS+:OUT_BITS] == product[OUT_BITS-1:0]);
  end

  always_comb begin
    if (!off) begin
      together : assert (push_1 == (push_0 && (KEPT > 1 ? first_use : last_use)) && (KEPT > 1 || !push_0 || s1_axis_tvalid));
      nothing_invented : assert (!m_axis_tvalid || held != '0);
      stall : cover (m_axis_tvalid && !m_axis_tready);
      one_waits : cover (s0_axis_tvalid && !s1_axis_tvalid && !s0_axis_tready);
      other_waits : cover (s1_axis_tvalid && !s0_axis_tvalid);
      next_block : cover (followed && push_1);
    end
  end

endmodule

`default_nettype wire
