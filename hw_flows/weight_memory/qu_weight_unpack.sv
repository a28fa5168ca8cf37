// SPDX-License-Identifier: BSD-3-Clause
// One stream's words out of the memory's: the bits of a region in a row, lowest first; what its last word has too many is left out.
//
// The next word of the memory waits in a register while the one before is given out. At the end of a region one cycle passes
// without a word.
`default_nettype none

module qu_weight_unpack #(
    parameter int unsigned WORD_BITS = 64,   // bits of a word of the memory, at least 1
    parameter int unsigned STREAM_BITS = 8,  // bits of a word of the stream, at least 1
    parameter int unsigned WORDS = 8         // words of the stream in a region, at least 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,
    output      logic                   room_o,   // for another word
    input  wire logic                   give_i,   // word_i is for this stream; only where there was room since the last one
    input  wire logic [  WORD_BITS-1:0] word_i,
    input  wire logic                   last_i,   // the region's last
    output      logic [STREAM_BITS-1:0] m_axis_tdata,
    output      logic                   m_axis_tvalid,
    input  wire logic                   m_axis_tready
);

  if (WORD_BITS < 1 || STREAM_BITS < 1 || WORDS < 1) begin : g_check_sizes
    $error("%m: WORD_BITS, STREAM_BITS and WORDS must be at least 1");
  end

  function automatic int unsigned gcd(input int unsigned a, input int unsigned b);
    int unsigned x, y, rest;
    x = a;
    y = b;
    while (y != 0) begin
      rest = x % y;
      x = y;
      y = rest;
    end
    return x;
  endfunction

  logic waits, last, take, in_ready;
  logic [WORD_BITS-1:0] word;
  assign room_o = !waits || take;
  always_ff @(posedge clk_i) begin
    if (rst_i) waits <= 1'b0;
    else waits <= give_i || (waits && !take);
    if (give_i) {last, word} <= {last_i, word_i};
  end

  if (STREAM_BITS % WORD_BITS == 0) begin : g_whole
    wire unused = last;
    assign take = waits && in_ready;
    qu_width_converter #(.IN_WORD_BITS(WORD_BITS), .OUT_WORD_BITS(STREAM_BITS)) converter (
        .clk_i,
        .rst_i,
        .s_axis_tdata(word),
        .s_axis_tvalid(waits),
        .s_axis_tready(in_ready),
        .m_axis_tdata,
        .m_axis_tvalid,
        .m_axis_tready
    );
  end else begin : g_rest
    // Words of the stream after which both widths begin anew; the region's last is at LAST_PLACE of them.
    localparam int unsigned PLACES = WORD_BITS / gcd(WORD_BITS, STREAM_BITS);
    localparam int unsigned PLACE_BITS = $clog2(PLACES);
    localparam logic [PLACE_BITS-1:0] LAST_PLACE = PLACE_BITS'((WORDS - 1) % PLACES);
    logic ending;  // the region's last word is in the converter
    logic [PLACE_BITS-1:0] place;
    wire pop = m_axis_tvalid && m_axis_tready;
    assign take = waits && in_ready && !ending;
    wire flush = pop && ending && place == LAST_PLACE;
    always_ff @(posedge clk_i) begin
      if (rst_i || flush) begin
        ending <= 1'b0;
        place <= '0;
      end else begin
        if (take && last) ending <= 1'b1;
        if (pop) place <= place == PLACE_BITS'(PLACES - 1) ? '0 : place + 1'b1;
      end
    end
    qu_width_converter #(.IN_WORD_BITS(WORD_BITS), .OUT_WORD_BITS(STREAM_BITS)) converter (
        .clk_i,
        .rst_i(rst_i || flush),
        .s_axis_tdata(word),
        .s_axis_tvalid(waits && !ending),
        .s_axis_tready(in_ready),
        .m_axis_tdata,
        .m_axis_tvalid,
        .m_axis_tready
    );
  end

endmodule

`default_nettype wire
