// SPDX-License-Identifier: BSD-3-Clause
// Which burst is read next: visits the streams of a port in turn and asks for the next burst of each that has room for it.
//
// A stream's region is read from its first block to its last, REPEATS times a frame, frame after frame. A block is BURST words,
// at an address that BURST words divide, so a burst never crosses 4 KiB; a region's last burst ends with the region.
// A burst is asked for when its stream's buffer has room for BURST words that nothing else is coming for, so what comes can
// always be taken. A stream that may have a burst is not passed by: it gets the next one that the bus takes. A stream begins at
// most 2**FRAME_BITS - 1 frames that have not left.
`default_nettype none

module qu_weight_requests #(
    parameter int unsigned STREAMS = 2,        // at least 1
    parameter int unsigned WORD_BYTES = 8,     // of a word of the bus, a power of two
    parameter int unsigned BURST = 16,         // words of a block: 4, 8 or 16
    parameter int unsigned DEPTH = 32,         // words of each stream's buffer, a power of two from BURST on
    parameter int unsigned HEAD = 2,           // first words of a region that no buffer keeps; fewer than its first burst has
    parameter int unsigned OUTSTANDING = 8,    // bursts that are asked for and not complete, at least 1
    parameter int unsigned ADDRESS_BITS = 32,  // of a byte address
    parameter int unsigned BLOCK_BITS = 20,    // of a block's number in the image
    parameter int unsigned REPEAT_BITS = 8,    // of a repeat's number
    parameter int unsigned FRAME_BITS = 3,     // of a frame's number, modulo; at least 1
    // For each stream, the first lowest:
    parameter logic [STREAMS*BLOCK_BITS-1:0] FIRST = '0,           // the region's first block
    parameter logic [STREAMS*BLOCK_BITS-1:0] LAST = '0,            // and its last
    parameter logic [STREAMS*$clog2(BURST)-1:0] TAIL = '1,         // words of the last block, less 1
    parameter logic [STREAMS*REPEAT_BITS-1:0] LAST_REPEAT = '0,    // repeats a frame, less 1
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1,
    localparam int unsigned BEAT_BITS = $clog2(BURST),
    localparam int unsigned COUNT_BITS = $clog2(DEPTH) + 1,
    localparam int unsigned FLIGHT_BITS = STREAM_BITS + BEAT_BITS + 2
) (
    input  wire logic                    clk_i,
    input  wire logic                    rst_i,
    input  wire logic                    clear_i,         // clear_stream_i begins anew; nothing runs meanwhile
    input  wire logic [ STREAM_BITS-1:0] clear_stream_i,
    input  wire logic                    run_i,           // bursts may be asked for
    input  wire logic [ADDRESS_BITS-1:0] base_i,          // of the image; as if a block's size divided it
    input  wire logic [  FRAME_BITS-1:0] frames_i,        // frames that have left, modulo; 0 after a clear
    output      logic [ STREAM_BITS-1:0] visit_o,         // the stream that is looked at
    input  wire logic [  COUNT_BITS-1:0] taken_i,         // words that have left its buffer, modulo 2 * DEPTH
    output      logic [ADDRESS_BITS-1:0] m_axi_araddr,
    output      logic [   BEAT_BITS-1:0] m_axi_arlen,
    output      logic                    m_axi_arvalid,
    input  wire logic                    m_axi_arready,
    // For each burst asked for, in order: {the region's first block, its last, words less 1, stream}.
    output      logic [ FLIGHT_BITS-1:0] flight_tdata,
    output      logic                    flight_tvalid,
    input  wire logic                    flight_tready
);

  if (STREAMS < 1 || OUTSTANDING < 1 || FRAME_BITS < 1) begin : g_check_sizes
    $error("%m: STREAMS, OUTSTANDING and FRAME_BITS must be at least 1");
  end
  if (BURST < 4 || BURST > 16 || BURST != 2 ** $clog2(BURST)) begin : g_check_burst
    $error("%m: BURST (%0d) must be 4, 8 or 16", BURST);
  end
  if (DEPTH < BURST || DEPTH != 2 ** $clog2(DEPTH) || WORD_BYTES != 2 ** $clog2(WORD_BYTES)) begin : g_check_powers
    $error("%m: DEPTH (%0d) and WORD_BYTES (%0d) must be powers of two, DEPTH at least BURST", DEPTH, WORD_BYTES);
  end
  if (HEAD >= BURST) begin : g_check_head
    $error("%m: HEAD (%0d) must be below BURST (%0d)", HEAD, BURST);
  end

  localparam int unsigned SHIFT = $clog2(BURST * WORD_BYTES);  // from a block's number to its offset
  if (BLOCK_BITS + SHIFT > ADDRESS_BITS) begin : g_check_address
    $error("%m: BLOCK_BITS (%0d) are too many for ADDRESS_BITS (%0d)", BLOCK_BITS, ADDRESS_BITS);
  end

  // Where each stream is: the burst that comes next, and words for its buffer asked for so far, modulo 2 * DEPTH.
  localparam int unsigned STATE_BITS = BLOCK_BITS + REPEAT_BITS + FRAME_BITS + COUNT_BITS;
  (* ram_style = "distributed" *) logic [STATE_BITS-1:0] states[STREAMS];
  logic [STREAM_BITS-1:0] visit;
  logic [BLOCK_BITS-1:0] block, next_block;
  logic [REPEAT_BITS-1:0] repetition, next_repetition;
  logic [FRAME_BITS-1:0] frame, next_frame;
  logic [COUNT_BITS-1:0] asked, next_asked;
  assign {block, repetition, frame, asked} = states[visit];
  assign visit_o = visit;

  wire block_first = block == FIRST[visit*BLOCK_BITS+:BLOCK_BITS];
  wire block_last = block == LAST[visit*BLOCK_BITS+:BLOCK_BITS];
  wire repeat_last = repetition == LAST_REPEAT[visit*REPEAT_BITS+:REPEAT_BITS];
  wire [BEAT_BITS-1:0] beats = block_last ? TAIL[visit*BEAT_BITS+:BEAT_BITS] : BEAT_BITS'(BURST - 1);
  always_comb begin
    next_block = block_last ? FIRST[visit*BLOCK_BITS+:BLOCK_BITS] : block + 1'b1;
    next_repetition = repetition;
    if (block_last) next_repetition = repeat_last ? '0 : repetition + 1'b1;
    next_frame = frame + FRAME_BITS'(block_last && repeat_last);
    next_asked = asked + COUNT_BITS'(beats) + (block_first ? COUNT_BITS'(1) - COUNT_BITS'(HEAD) : COUNT_BITS'(1));
  end

  wire unused = &{1'b0, base_i[SHIFT-1:0]};
  wire [COUNT_BITS-1:0] held = asked - taken_i;  // in the buffer or on the way
  wire [FRAME_BITS-1:0] ahead = frame - frames_i;
  wire may = run_i && held <= COUNT_BITS'(DEPTH - BURST) && ahead != '1;
  logic flight_free;
  wire ask = may && flight_free && (!m_axi_arvalid || m_axi_arready);

  always_ff @(posedge clk_i) begin
    if (rst_i) visit <= '0;
    else if (run_i && (ask || !may)) visit <= visit == STREAM_BITS'(STREAMS - 1) ? '0 : visit + 1'b1;
    if (clear_i) states[clear_stream_i] <= {FIRST[clear_stream_i*BLOCK_BITS+:BLOCK_BITS], (STATE_BITS - BLOCK_BITS)'(0)};
    else if (ask) states[visit] <= {next_block, next_repetition, next_frame, next_asked};
    if (rst_i) m_axi_arvalid <= 1'b0;
    else if (!m_axi_arvalid || m_axi_arready) m_axi_arvalid <= ask;
    if (ask) begin
      m_axi_araddr <= {base_i[ADDRESS_BITS-1:SHIFT] + (ADDRESS_BITS - SHIFT)'(block), {SHIFT{1'b0}}};
      m_axi_arlen <= beats;
    end
  end

  qu_fifo #(.WORD_BITS(FLIGHT_BITS), .DEPTH(OUTSTANDING), .STYLE(0)) flight (
      .clk_i,
      .rst_i,
      .s_axis_tdata({block_first, block_last, beats, visit}),
      .s_axis_tvalid(ask),
      .s_axis_tready(flight_free),
      .m_axis_tdata(flight_tdata),
      .m_axis_tvalid(flight_tvalid),
      .m_axis_tready(flight_tready)
  );

endmodule

`default_nettype wire
