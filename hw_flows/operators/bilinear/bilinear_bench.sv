// SPDX-License-Identifier: BSD-3-Clause
// Bilinear upsampling: each output element is the sum of the input elements around its place, each times its weight. One
// output word of a frame is followed.
`default_nettype none

module bilinear_bench #(
    parameter int unsigned ELEMENT_BITS = 1,
    parameter int unsigned OUT_BITS = 5,
    parameter int unsigned IS_SIGNED = 0,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 2,
    parameter int unsigned OUT_HEIGHT = 4,
    parameter int unsigned STEP_H = 2,
    parameter int unsigned PARTS_H = 4,
    parameter int unsigned BEFORE_H = 1,
    parameter int unsigned WIDTH = 2,
    parameter int unsigned OUT_WIDTH = 4,
    parameter int unsigned STEP_W = 2,
    parameter int unsigned PARTS_W = 4,
    parameter int unsigned BEFORE_W = 1,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned OUT_WORDS = OUT_HEIGHT * OUT_WIDTH * FOLD,
    localparam int unsigned INDEX_BITS = $clog2(OUT_WORDS + 1)
) (
    input wire logic                    clk_i,
    input wire logic                    rst_i,
    input wire logic                    choose_i,
    input wire logic [  INDEX_BITS-1:0] place_i,  // free constant: the followed output word of a frame
    input wire logic [ELEMENT_BITS-1:0] s_axis_tdata,
    input wire logic                    s_axis_tvalid,
    input wire logic                    m_axis_tready
);

  localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);
  localparam int unsigned FRAMES = HEIGHT == 1 ? 4 : 2;  // inside: two rows, and what the registers have of another

  // Weight of an input pixel for an output pixel, along one axis; 0 for most.
  function automatic int unsigned weight(
      int unsigned pixel, int unsigned target, int unsigned pixels, int unsigned stride, int unsigned parts, int unsigned lead);
    int unsigned at, first, fraction;
    at = target * stride <= lead ? 0 : target * stride - lead;
    if (at > (pixels - 1) * parts) at = (pixels - 1) * parts;
    first = at / parts;
    fraction = at % parts;
    return pixel == first ? parts - fraction : pixel == first + 1 ? fraction : 0;
  endfunction

  logic s_axis_tready, m_axis_tvalid, off, followed, coming;
  logic [OUT_BITS-1:0] m_axis_tdata, sum, share;
  logic [INDEX_BITS-1:0] out_index;
  logic [IN_BITS-1:0] in_index, need, last;
  logic complete;
  logic signed [$clog2(FRAMES + 2):0] ahead;

  qu_bilinear #(
      .ELEMENT_BITS(ELEMENT_BITS), .OUT_BITS(OUT_BITS), .IS_SIGNED(IS_SIGNED), .LANES(1), .FOLD(FOLD), .HEIGHT(HEIGHT),
      .OUT_HEIGHT(OUT_HEIGHT), .STEP_H(STEP_H), .PARTS_H(PARTS_H), .BEFORE_H(BEFORE_H), .WIDTH(WIDTH),
      .OUT_WIDTH(OUT_WIDTH), .STEP_W(STEP_W), .PARTS_W(PARTS_W), .BEFORE_W(BEFORE_W), .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(INDEX_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(ELEMENT_BITS), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WORD_BITS(OUT_BITS)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  scoreboard #(.WORD_BITS(ELEMENT_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i('0), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(coming), .seen_o(), .word_o(), .in_index_o(in_index),
      .out_index_o(out_index), .ahead_o(ahead));

  // What the word that comes in adds to the followed one, and how many words of the frame an output word needs: whole pixels.
  always_comb begin
    share = '0;
    need = '0;
    last = '0;
    for (int unsigned o = 0; o < OUT_WORDS; o++) begin
      for (int unsigned i = 0; i < IN_WORDS; i++) begin
        automatic int unsigned factor =
            weight(i / (WIDTH * FOLD), o / (OUT_WIDTH * FOLD), HEIGHT, STEP_H, PARTS_H, BEFORE_H)
            * weight(i / FOLD % WIDTH, o / FOLD % OUT_WIDTH, WIDTH, STEP_W, PARTS_W, BEFORE_W);
        if (factor != 0 && i % FOLD == o % FOLD) begin
          if (place_i == INDEX_BITS'(o) && in_index == IN_BITS'(i)) begin
            share = OUT_BITS'(factor) * (IS_SIGNED != 0 ? OUT_BITS'($signed(s_axis_tdata)) : OUT_BITS'(s_axis_tdata));
          end
          if (place_i == INDEX_BITS'(o)) last = IN_BITS'(i);
          if (out_index == INDEX_BITS'(o)) need = IN_BITS'((i / FOLD + 1) * FOLD);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (off) begin
      sum      <= '0;
      complete <= 1'b0;
    end else if (coming && s_axis_tvalid && s_axis_tready) begin
      sum      <= in_index == '0 ? share : sum + share;
      complete <= in_index == last || (in_index != '0 && complete);
    end
  end

  responds #(.CYCLES(5)) prompt (
      .clk_i, .rst_i(off), .due_i(ahead > 0 || (ahead == 0 && in_index >= need)), .event_i(m_axis_tvalid));
  responds #(.CYCLES(OUT_WORDS + 5)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && s_axis_tvalid), .event_i(s_axis_tready));

  always_comb begin
    assume (place_i < INDEX_BITS'(OUT_WORDS));
    if (!off) begin
      if (m_axis_tvalid && followed && out_index == place_i) mean : assert (complete && m_axis_tdata == sum);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
