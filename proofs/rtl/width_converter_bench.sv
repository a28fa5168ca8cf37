// Width converter: the bits of the input words, lowest first, are the bits of the output words; one free bit is followed.
//
// A frame is the least common multiple of both widths.
`default_nettype none

module width_converter_bench #(
    parameter int unsigned IN_WIDTH = 2,
    parameter int unsigned OUT_WIDTH = 3,
    parameter int unsigned FRAME_BITS = 6,  // least common multiple of IN_WIDTH and OUT_WIDTH
    localparam int unsigned BIT_BITS = $clog2(FRAME_BITS + 1)
) (
    input wire logic                clk_i,
    input wire logic                rst_i,
    input wire logic                choose_i,
    input wire logic [BIT_BITS-1:0] bit_i,  // free constant: the followed bit of a frame
    input wire logic [IN_WIDTH-1:0] s_axis_tdata,
    input wire logic                s_axis_tvalid,
    input wire logic                m_axis_tready
);

  localparam int unsigned IN_WORDS = FRAME_BITS / IN_WIDTH;
  localparam int unsigned OUT_WORDS = FRAME_BITS / OUT_WIDTH;
  localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1);
  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);

  logic s_axis_tready, m_axis_tvalid, off, followed, seen;
  logic [OUT_WIDTH-1:0] m_axis_tdata;
  logic [IN_WIDTH-1:0] word;
  logic [IN_BITS-1:0] place, in_index;
  logic [OUT_BITS-1:0] out_place, out_index;
  logic signed [2:0] ahead;
  logic word_bit, out_bit;

  width_converter #(.IN_WIDTH(IN_WIDTH), .OUT_WIDTH(OUT_WIDTH)) dut (.*);

  environment #(.CONSTANT_BITS(BIT_BITS)) free (.clk_i, .rst_i, .constant_i(bit_i), .off_o(off));
  stream_rules #(.WIDTH(IN_WIDTH), .ASSUME(1)) s_rules (
      .clk_i, .rst_i(off), .tdata(s_axis_tdata), .tvalid(s_axis_tvalid), .tready(s_axis_tready));
  stream_rules #(.WIDTH(OUT_WIDTH)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));

  // Where the followed bit lies, without a division: constants chosen by its number.
  always_comb begin
    assume (bit_i < BIT_BITS'(FRAME_BITS));
    place = '0;
    out_place = '0;
    word_bit = 1'b0;
    out_bit = 1'b0;
    for (int unsigned i = 0; i < FRAME_BITS; i++) begin
      if (bit_i == BIT_BITS'(i)) begin
        place = IN_BITS'(i / IN_WIDTH);
        out_place = OUT_BITS'(i / OUT_WIDTH);
        word_bit = word[i%IN_WIDTH];
        out_bit = m_axis_tdata[i%OUT_WIDTH];
      end
    end
  end

  scoreboard #(.WIDTH(IN_WIDTH), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(place), .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tvalid,
      .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(in_index), .out_index_o(out_index),
      .ahead_o(ahead));

  // Bits taken and not yet given, in this frame and the ones before.
  int signed waiting;
  assign waiting = 32'(ahead) * 32'(FRAME_BITS) + 32'(in_index) * 32'(IN_WIDTH) - 32'(out_index) * 32'(OUT_WIDTH);
  responds #(.CYCLES(2)) prompt (
      .clk_i, .rst_i(off), .due_i(waiting >= OUT_WIDTH), .event_i(m_axis_tvalid));
  responds #(.CYCLES(FRAME_BITS + 1)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready), .event_i(s_axis_tready));

  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed && out_index == out_place) order : assert (seen && out_bit == word_bit);
      nothing_invented : assert (IN_WIDTH == OUT_WIDTH || !m_axis_tvalid || waiting >= OUT_WIDTH);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
