// SPDX-License-Identifier: BSD-3-Clause
// Rules of a module whose output words are input words of the same frame in another order, some of them several times.
//
// The bench says for the output word on offer, whose place in its frame is out_index_o, where it comes from. Each output
// word has LANES parts, each as wide as an input word.
`default_nettype none

module map_rules #(
    parameter int unsigned WORD_BITS = 8,      // bits of an input word and of a part of an output word, at least 1
    parameter int unsigned LANES = 1,      // parts of an output word, at least 1
    parameter int unsigned IN_WORDS = 1,   // words of a frame that come in, at least 1
    parameter int unsigned OUT_WORDS = 1,  // words of a frame that go out, at least 1
    parameter int unsigned ZEROS = 0,      // 1: some parts are zeros, see zero_i
    parameter int unsigned PASSES = 0,     // 1: no register, so a word is due as soon as its source is offered
    parameter int unsigned FRAMES = 2,     // whole frames that may be inside, at least 1
    parameter int unsigned PROMPT = 3,     // cycles within which a word that is due is offered
    parameter int unsigned ACCEPT = 8,     // cycles within which a word is taken while the output is ready
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1),
    localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1),
    localparam int unsigned AHEAD_BITS = $clog2(FRAMES + 2) + 1
) (
    input  wire logic                     clk_i,
    input  wire logic                     rst_i,
    input  wire logic                     choose_i,  // free, see scoreboard
    input  wire logic [      IN_BITS-1:0] place_i,   // free constant, see scoreboard
    input  wire logic [        WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                     s_axis_tvalid,
    input  wire logic                     s_axis_tready,
    input  wire logic [  LANES*WORD_BITS-1:0] m_axis_tdata,
    input  wire logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready,
    output      logic [     OUT_BITS-1:0] out_index_o,
    input  wire logic [LANES*IN_BITS-1:0] source_i,    // place of the input word that a part is a copy of
    input  wire logic [        LANES-1:0] zero_i,      // the part is zero instead
    input  wire logic [      IN_BITS-1:0] need_i,      // words of the frame that must have come in; 0: see early_i
    input  wire logic                     early_i,     // with need_i = 0: the word is due
    output      logic                     off_o        // no rule holds
);

  logic off, followed, seen;
  logic [WORD_BITS-1:0] word;
  logic [IN_BITS-1:0] in_index;
  logic signed [AHEAD_BITS-1:0] ahead;

  assign off_o = off;

  environment #(.CONSTANT_BITS(IN_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(LANES * WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(WORD_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(in_index),
      .out_index_o(out_index_o), .ahead_o(ahead));

  wire [IN_BITS-1:0] there = in_index + IN_BITS'(PASSES != 0 && s_axis_tvalid);
  wire due = need_i == '0 ? early_i : ahead > 0 || (ahead == 0 && there >= need_i);
  responds #(.CYCLES(PROMPT)) prompt (.clk_i, .rst_i(off), .due_i(due), .event_i(m_axis_tvalid));
  responds #(.CYCLES(ACCEPT)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire [WORD_BITS-1:0] part = m_axis_tdata[i*WORD_BITS+:WORD_BITS];
    always_comb if (!off && m_axis_tvalid && !zero_i[i] && followed && source_i[i*IN_BITS+:IN_BITS] == place_i)
      order : assert (seen && part == word);
    if (ZEROS != 0) begin : g_zeros
      always_comb if (!off && m_axis_tvalid && zero_i[i]) zero : assert (part == '0);
    end
  end

  always_comb begin
    if (!off) begin
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
