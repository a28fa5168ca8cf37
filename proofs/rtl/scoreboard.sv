// SPDX-License-Identifier: BSD-3-Clause
// Follows one word of one frame through a module: the frame and the place in it are free, so what holds for the followed
// word holds for every word of every frame.
//
// A frame is IN_WORDS words in and OUT_WORDS words out. The frame is chosen when its predecessor has come in (or at reset).
// From then on this module counts how many frames have still to come out before it. `seen_o` and `word_o` also cover a word
// that is only offered, since a module without registers passes it on before it takes it.
`default_nettype none

module scoreboard #(
    parameter int unsigned WORD_BITS = 8,      // bits of an input word, at least 1
    parameter int unsigned IN_WORDS = 1,   // words of a frame that come in, at least 1
    parameter int unsigned OUT_WORDS = 1,  // words of a frame that go out, at least 1
    parameter int unsigned FRAMES = 1,     // whole frames that may be inside, at least 1
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1),
    localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1),
    localparam int unsigned AHEAD_BITS = $clog2(FRAMES + 2) + 1
) (
    input  wire logic                clk_i,
    input  wire logic                rst_i,
    input  wire logic                choose_i,  // free: the next frame is the followed one
    input  wire logic [ IN_BITS-1:0] place_i,   // free constant below IN_WORDS: the followed word of it
    input  wire logic [   WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                s_axis_tvalid,
    input  wire logic                s_axis_tready,
    input  wire logic                m_axis_tvalid,
    input  wire logic                m_axis_tready,
    output      logic                followed_o,  // the word that goes out next belongs to the followed frame
    output      logic                coming_o,    // the word that comes in next belongs to it
    output      logic                seen_o,      // the followed word has been offered to the module
    output      logic [   WORD_BITS-1:0] word_o,      // that word
    output      logic [ IN_BITS-1:0] in_index_o,  // place in its frame of the word that comes in next
    output      logic [OUT_BITS-1:0] out_index_o, // place in its frame of the word that goes out next
    output      logic signed [AHEAD_BITS-1:0] ahead_o  // frames that came in less frames that went out
);

  logic followed;  // chosen, and has not gone out
  logic first;  // the followed frame is the first one after reset
  logic taken;
  logic [WORD_BITS-1:0] word;
  logic [AHEAD_BITS-1:0] queued;  // frames to go out before the followed one

  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;
  wire in_end = push && in_index_o == IN_BITS'(IN_WORDS - 1);
  wire out_end = pop && out_index_o == OUT_BITS'(OUT_WORDS - 1);
  wire signed [AHEAD_BITS-1:0] ahead_next = ahead_o + AHEAD_BITS'(in_end) - AHEAD_BITS'(out_end);
  wire here = coming_o && in_index_o == place_i && s_axis_tvalid;
  wire gone = followed_o && out_end;

  assign followed_o = followed && queued == '0;
  assign seen_o = taken || here;
  assign word_o = taken ? word : s_axis_tdata;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_index_o <= '0;
      out_index_o <= '0;
      ahead_o <= '0;
      coming_o <= choose_i;
      followed <= choose_i;
      first <= 1'b1;
      taken <= 1'b0;
      queued <= '0;
    end else begin
      if (push) in_index_o <= in_end ? '0 : in_index_o + 1'b1;
      if (pop) out_index_o <= out_end ? '0 : out_index_o + 1'b1;
      ahead_o <= ahead_next;
      if (here && push) begin
        taken <= 1'b1;
        word <= s_axis_tdata;
      end
      if (followed && queued != '0 && out_end) queued <= queued - 1'b1;
      if (in_end) coming_o <= 1'b0;
      if (gone) followed <= 1'b0;
      if (in_end && (gone || !followed)) begin
        coming_o <= choose_i;
        followed <= choose_i;
        first <= 1'b0;
        taken <= 1'b0;
        queued <= ahead_next;
      end
    end
  end

  always_comb begin
    assume (place_i < IN_BITS'(IN_WORDS));
    if (!rst_i) begin
      // More frames out than came in, or more inside than fit: a word was invented, repeated or lost.
      frames_bounded : assert (ahead_o >= -AHEAD_BITS'(1) && ahead_o <= $signed(AHEAD_BITS'(FRAMES)));
      followed_out : cover (followed_o && seen_o && pop && !first);
    end
  end

endmodule

`default_nettype wire
