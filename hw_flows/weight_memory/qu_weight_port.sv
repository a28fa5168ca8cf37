// SPDX-License-Identifier: BSD-3-Clause
// Reads the weights of several layers from memory, over and over, through one AXI3 or AXI4 read port of 64 bits.
//
// run_i: the schedule begins at its start and goes on until run_i falls; then no burst is asked for any more, those under way
// are taken and dropped, and idle_o rises. What the streams feed must be reset while running_o is low. All bursts are INCR,
// of whole aligned words, under one ID: their data come in order.
// The first fault stops requests and streams until the next run; verified_o does not count beyond it.
`default_nettype none

module qu_weight_port #(
    parameter int unsigned STREAMS = 2,        // at least 1
    parameter int unsigned BURST = 16,         // words of a block: 4, 8 or 16
    parameter int unsigned DEPTH = 32,         // words of each stream's buffer, a power of two from BURST on
    parameter int unsigned OUTSTANDING = 8,    // bursts that are asked for and not complete, at least 1
    parameter int unsigned ADDRESS_BITS = 32,  // of a byte address
    parameter int unsigned BLOCK_BITS = 20,    // of a block's number in the image
    parameter int unsigned REPEAT_BITS = 8,    // of a repeat's number
    parameter int unsigned FRAME_BITS = 3,     // of a frame's number, modulo
    parameter logic [47:0] IDENTITY = '0,      // of the image
    // For each stream, the first lowest:
    parameter logic [STREAMS*16-1:0] NUMBER = '0,                // its number in the image
    parameter logic [STREAMS*BLOCK_BITS-1:0] FIRST = '0,         // the region's first block
    parameter logic [STREAMS*BLOCK_BITS-1:0] LAST = '0,          // and its last
    parameter logic [STREAMS*$clog2(BURST)-1:0] TAIL = '1,       // words of the last block, less 1; a region has at least 3
    parameter logic [STREAMS*REPEAT_BITS-1:0] LAST_REPEAT = '0,  // repeats a frame, less 1
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                     clk_i,
    input  wire logic                     rst_i,       // only while no burst is under way
    input  wire logic                     run_i,
    output      logic                     running_o,
    output      logic                     idle_o,
    input  wire logic [ ADDRESS_BITS-1:0] base_i,      // of the image, a multiple of BURST words (lower bits count as 0); steady while not idle
    input  wire logic [   FRAME_BITS-1:0] frames_i,    // frames that have left, modulo
    output      logic [   FRAME_BITS-1:0] verified_o,  // frames whose weights are verified, modulo
    output      logic [              3:0] fault_o,     // since run_i: {wrong RLAST or beat, check sum, identity, bus error}
    output      logic [             15:0] fault_number_o,  // number of the stream that the first fault was in
    output      logic [ ADDRESS_BITS-1:0] m_axi_araddr,
    output      logic [$clog2(BURST)-1:0] m_axi_arlen,
    output      logic                     m_axi_arvalid,
    input  wire logic                     m_axi_arready,
    input  wire logic [             63:0] m_axi_rdata,
    input  wire logic [              1:0] m_axi_rresp,
    input  wire logic                     m_axi_rlast,
    input  wire logic                     m_axi_rvalid,
    output      logic                     m_axi_rready,
    input  wire logic [      STREAMS-1:0] room_i,      // see qu_weight_store
    output      logic [      STREAMS-1:0] give_o,
    output      logic [             63:0] word_o,
    output      logic                     last_o
);

  localparam int unsigned HEAD = 2;  // words before the weights: identity, and what makes the check sum zero
  localparam int unsigned BEAT_BITS = $clog2(BURST);
  localparam int unsigned COUNT_BITS = $clog2(DEPTH) + 1;
  localparam int unsigned FLIGHT_BITS = STREAM_BITS + BEAT_BITS + 2;

  // --- start and stop ---------------------------------------------------------------------------------------------------
  typedef enum logic [1:0] {CLEAR, IDLE, RUN, DRAIN} state_t;
  state_t state;
  logic [STREAM_BITS-1:0] clear_stream;
  logic flight_tvalid, beat_valid;
  wire clear_last = clear_stream == STREAM_BITS'(STREAMS - 1);
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state <= CLEAR;
      clear_stream <= '0;
    end else begin
      case (state)
        CLEAR: begin
          clear_stream <= clear_last ? '0 : clear_stream + 1'b1;
          if (clear_last) state <= IDLE;
        end
        IDLE: if (run_i) state <= RUN;
        RUN: if (!run_i) state <= DRAIN;
        default: if (!m_axi_arvalid && !flight_tvalid) state <= CLEAR;
      endcase
    end
  end
  wire clear = state == CLEAR;
  assign running_o = state == RUN;
  assign idle_o = state == IDLE;

  // --- asking -----------------------------------------------------------------------------------------------------------
  logic [STREAM_BITS-1:0] visit;
  logic [COUNT_BITS-1:0] taken;
  logic [FLIGHT_BITS-1:0] flight_tdata;
  wire good = running_o && fault_o == '0;
  logic burst_end;
  qu_weight_requests #(
      .STREAMS(STREAMS),
      .WORD_BYTES(8),
      .BURST(BURST),
      .DEPTH(DEPTH),
      .HEAD(HEAD),
      .OUTSTANDING(OUTSTANDING),
      .ADDRESS_BITS(ADDRESS_BITS),
      .BLOCK_BITS(BLOCK_BITS),
      .REPEAT_BITS(REPEAT_BITS),
      .FRAME_BITS(FRAME_BITS),
      .FIRST(FIRST),
      .LAST(LAST),
      .TAIL(TAIL),
      .LAST_REPEAT(LAST_REPEAT)
  ) requests (
      .clk_i,
      .rst_i,
      .clear_i(clear),
      .clear_stream_i(clear_stream),
      .run_i(good && run_i),
      .base_i,
      .frames_i,
      .visit_o(visit),
      .taken_i(taken),
      .m_axi_araddr,
      .m_axi_arlen,
      .m_axi_arvalid,
      .m_axi_arready,
      .flight_tdata,
      .flight_tvalid,
      .flight_tready(beat_valid && burst_end)
  );

  // --- what comes: there is room for all of it ---------------------------------------------------------------------------
  logic [63:0] beat_data;
  logic beat_error, beat_rlast;
  logic [BEAT_BITS-1:0] beat, beats;
  logic [STREAM_BITS-1:0] stream;
  logic block_first, block_last;
  assign m_axi_rready = 1'b1;
  always_ff @(posedge clk_i) begin
    beat_valid <= m_axi_rvalid && !rst_i;
    beat_data <= m_axi_rdata;
    beat_error <= m_axi_rresp != 2'b00;
    beat_rlast <= m_axi_rlast;
    if (rst_i) beat <= '0;
    else if (beat_valid) beat <= burst_end ? '0 : beat + 1'b1;
  end
  assign {block_first, block_last, beats, stream} = flight_tdata;
  assign burst_end = beat == beats;
  wire region_end = burst_end && block_last;
  wire used = beat_valid && flight_tvalid && running_o;
  wire unasked = beat_valid && !flight_tvalid;

  logic whole;
  logic [3:0] wrong;
  logic [STREAM_BITS-1:0] checked_stream;
  qu_weight_check #(.STREAMS(STREAMS), .NUMBER(NUMBER), .IDENTITY(IDENTITY)) check (
      .clk_i,
      .rst_i,
      .valid_i(used),
      .data_i(beat_data),
      .bus_error_i(beat_error),
      .rlast_i(beat_rlast),
      .stream_i(stream),
      .first_i(block_first && beat == '0),
      .burst_end_i(burst_end),
      .last_i(region_end),
      .whole_o(whole),
      .wrong_o(wrong),
      .stream_o(checked_stream)
  );
  always_ff @(posedge clk_i) begin
    if (rst_i || (idle_o && run_i)) fault_o <= '0;
    else if (running_o) fault_o <= fault_o | wrong | {unasked, 3'b0};
    if (fault_o == '0) fault_number_o <= NUMBER[checked_stream*16+:16];
  end
  qu_weight_frames #(
      .STREAMS(STREAMS),
      .REPEAT_BITS(REPEAT_BITS),
      .FRAME_BITS(FRAME_BITS),
      .LAST_REPEAT(LAST_REPEAT)
  ) verify (
      .clk_i,
      .rst_i(rst_i || clear),
      .clear_i(clear),
      .clear_stream_i(clear_stream),
      .whole_i(whole && good),
      .stream_i(checked_stream),
      .verified_o
  );

  // --- what goes on ------------------------------------------------------------------------------------------------------
  qu_weight_store #(.STREAMS(STREAMS), .WORD_BITS(64), .DEPTH(DEPTH)) store (
      .clk_i,
      .rst_i(rst_i || clear),
      .clear_i(clear),
      .clear_stream_i(clear_stream),
      .run_i(good),
      .valid_i(used && !(block_first && beat < BEAT_BITS'(HEAD))),
      .data_i(beat_data),
      .stream_i(stream),
      .last_i(region_end),
      .visit_i(visit),
      .taken_o(taken),
      .room_i,
      .give_o,
      .word_o,
      .last_o
  );

endmodule

`default_nettype wire
