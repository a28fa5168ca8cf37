// SPDX-License-Identifier: BSD-3-Clause
// Rules of a module that lays the same bits into words of another width; one free bit of the payload is followed.
//
// A frame holds ELEMENTS elements of ELEMENT_BITS bits. Bit j of element e is bit e * IN_PITCH + j of the frame that comes in
// and e * OUT_PITCH + j of the one that goes out. Other bits that come in are ignored, others that go out are zero.
`default_nettype none

module repack_rules #(
    parameter int unsigned IN_WORD_BITS = 8,      // bits of an input word, at least 1
    parameter int unsigned OUT_WORD_BITS = 8,     // bits of an output word, at least 1
    parameter int unsigned ELEMENTS = 1,      // at least 1
    parameter int unsigned ELEMENT_BITS = 8,  // at least 1
    parameter int unsigned IN_PITCH = 8,      // at least ELEMENT_BITS
    parameter int unsigned OUT_PITCH = 8,     // at least ELEMENT_BITS
    parameter int unsigned IN_WORDS = ELEMENTS * IN_PITCH / IN_WORD_BITS,  // words of a frame that come in
    parameter int unsigned PASSES = 0,        // 1: no register, so a word is due as soon as its source is offered
    parameter int unsigned FRAMES = 2,        // whole frames that may be inside, at least 1
    parameter int unsigned PROMPT = 2,        // cycles within which a word that is due is offered
    localparam int unsigned BIT_BITS = $clog2(ELEMENTS * ELEMENT_BITS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,  // free, see scoreboard
    input wire logic [ BIT_BITS-1:0] bit_i,     // free constant below ELEMENTS * ELEMENT_BITS: the followed bit
    input wire logic [ IN_WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 s_axis_tready,
    input wire logic [OUT_WORD_BITS-1:0] m_axis_tdata,
    input wire logic                 m_axis_tvalid,
    input wire logic                 m_axis_tready
);

  localparam int unsigned OUT_WORDS =
      (ELEMENTS * OUT_PITCH + OUT_WORD_BITS - 1) / OUT_WORD_BITS;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);
  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);
  localparam int unsigned AHEAD_BITS = $clog2(FRAMES + 2) + 1;

  logic off, followed, seen, word_bit;
  logic [IN_WORD_BITS-1:0] word;
  logic [IN_BITS-1:0] place, in_index, need;
  logic [OUT_BITS-1:0] out_index;
  logic signed [AHEAD_BITS-1:0] ahead;

  environment #(.CONSTANT_BITS(BIT_BITS)) free (.clk_i, .rst_i, .constant_i(bit_i), .off_o(off));
  stream_rules #(.WORD_BITS(IN_WORD_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(OUT_WORD_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(IN_WORD_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(place), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));

  // The followed bit in the input, and the words that the output word on offer needs.
  always_comb begin
    assume (bit_i < BIT_BITS'(ELEMENTS * ELEMENT_BITS));
    place = '0;
    word_bit = 1'b0;
    for (int unsigned i = 0; i < ELEMENTS * ELEMENT_BITS; i++) begin
      automatic int unsigned at = i / ELEMENT_BITS * IN_PITCH + i % ELEMENT_BITS;
      if (bit_i == BIT_BITS'(i)) begin
        place = IN_BITS'(at / IN_WORD_BITS);
        word_bit = word[at%IN_WORD_BITS];
      end
    end
    need = IN_BITS'(IN_WORDS);
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      if (out_index == OUT_BITS'(i)) begin
        for (int unsigned j = 0; j < OUT_WORD_BITS; j++) begin
          automatic int unsigned e = (i * OUT_WORD_BITS + j) / OUT_PITCH;
          automatic int unsigned k = (i * OUT_WORD_BITS + j) % OUT_PITCH;
          if (e < ELEMENTS && k < ELEMENT_BITS) need = IN_BITS'((e * IN_PITCH + k) / IN_WORD_BITS + 1);
        end
      end
    end
  end

  wire [IN_BITS-1:0] there = in_index + IN_BITS'(PASSES != 0 && s_axis_tvalid);
  responds #(.CYCLES(PROMPT)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 || (ahead == 0 && there >= need)), .event_i(m_axis_tvalid));
  responds #(.CYCLES(OUT_WORDS + 2)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  // Bit j of an output word is part of the payload (or is not) in some word of a frame.
  function automatic bit occurs(input int unsigned j, input bit payload);
    for (int unsigned i = 0; i < OUT_WORDS; i++) begin
      automatic int unsigned at = i * OUT_WORD_BITS + j;
      if ((at / OUT_PITCH < ELEMENTS && at % OUT_PITCH < ELEMENT_BITS) == payload) return 1'b1;
    end
    return 1'b0;
  endfunction

  for (genvar j = 0; j < OUT_WORD_BITS; j++) begin : g_bit
    logic payload;
    logic [BIT_BITS-1:0] source;
    always_comb begin
      payload = 1'b0;
      source = '0;
      for (int unsigned i = 0; i < OUT_WORDS; i++) begin
        automatic int unsigned e = (i * OUT_WORD_BITS + j) / OUT_PITCH;
        automatic int unsigned k = (i * OUT_WORD_BITS + j) % OUT_PITCH;
        if (out_index == OUT_BITS'(i) && e < ELEMENTS && k < ELEMENT_BITS) begin
          payload = 1'b1;
          source = BIT_BITS'(e * ELEMENT_BITS + k);
        end
      end
    end

    // Only what can occur is stated, so that every assertion has a cycle in which it says something.
    if (occurs(j, 1'b1)) begin : g_payload
      always_comb if (!off && m_axis_tvalid && payload && followed && source == bit_i)
        order : assert (seen && m_axis_tdata[j] == word_bit);
    end
    if (occurs(j, 1'b0)) begin : g_zero
      always_comb if (!off && m_axis_tvalid && !payload) zero : assert (!m_axis_tdata[j]);
    end
  end

  always_comb begin
    if (!off) begin
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
