// SPDX-License-Identifier: BSD-3-Clause
// The prefetch buffers of a port's streams, in one memory: bursts come in one after the other, words go out to whoever has room.
//
// Whoever asks for bursts knows by taken_o that there is room, so nothing that comes in waits. Streams with a word inside and
// room outside are served in turn, one word a cycle; a word is out two cycles after its stream was chosen, and the stream can
// be chosen again in the cycle after that: one word in three cycles for a single stream.
`default_nettype none

module qu_weight_store #(
    parameter int unsigned STREAMS = 2,     // at least 1
    parameter int unsigned WORD_BITS = 64,  // bits of a word
    parameter int unsigned DEPTH = 32,      // words of each stream's buffer, a power of two from 2 on
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1,
    localparam int unsigned COUNT_BITS = $clog2(DEPTH) + 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,           // also between runs
    input  wire logic                   clear_i,         // clear_stream_i has no word; nothing else happens meanwhile
    input  wire logic [STREAM_BITS-1:0] clear_stream_i,
    input  wire logic                   run_i,           // words may go out
    input  wire logic                   valid_i,         // a word for stream_i
    input  wire logic [  WORD_BITS-1:0] data_i,
    input  wire logic [STREAM_BITS-1:0] stream_i,
    input  wire logic                   last_i,          // the region's last
    input  wire logic [STREAM_BITS-1:0] visit_i,
    output      logic [ COUNT_BITS-1:0] taken_o,         // words of visit_i that have left, modulo 2 * DEPTH
    input  wire logic [    STREAMS-1:0] room_i,          // has room for a word, until it is given one
    output      logic [    STREAMS-1:0] give_o,          // at most one: it is given word_o
    output      logic [  WORD_BITS-1:0] word_o,
    output      logic                   last_o
);

  if (STREAMS < 1 || DEPTH < 2 || DEPTH != 2 ** $clog2(DEPTH)) begin : g_check_sizes
    $error("%m: STREAMS must be at least 1 and DEPTH (%0d) a power of two from 2 on", DEPTH);
  end

  localparam int unsigned COLUMN = 18;
  localparam int unsigned PLACE_BITS = COUNT_BITS - 1;
  localparam int unsigned ADDRESS_BITS = $clog2(STREAMS * DEPTH);

  // Words that have come in and gone out, modulo 2 * DEPTH; a word's place is its number modulo DEPTH.
  (* ram_style = "distributed" *) logic [COUNT_BITS-1:0] written[STREAMS];
  (* ram_style = "distributed" *) logic [COUNT_BITS-1:0] taken[STREAMS];
  logic [STREAM_BITS-1:0] chosen_stream;
  logic [STREAMS-1:0] has;     // words inside that are not on their way out
  logic [STREAMS-1:0] chosen;  // at most one: its next word is read in this cycle
  wire [COUNT_BITS-1:0] in_count = written[stream_i];
  wire [COUNT_BITS-1:0] out_count = taken[chosen_stream];
  wire [COUNT_BITS-1:0] out_next = out_count + 1'b1;
  wire more = written[chosen_stream] != out_next;
  wire read = chosen != '0;
  assign taken_o = taken[visit_i];
  always_ff @(posedge clk_i) begin
    if (clear_i) written[clear_stream_i] <= '0;
    else if (valid_i) written[stream_i] <= in_count + 1'b1;
    if (clear_i) taken[clear_stream_i] <= '0;
    else if (read) taken[chosen_stream] <= out_next;
  end

  for (genvar s = 0; s < STREAMS; s++) begin : g_has
    always_ff @(posedge clk_i) begin
      if (rst_i) has[s] <= 1'b0;
      else if (valid_i && stream_i == STREAM_BITS'(s)) has[s] <= 1'b1;
      else if (chosen[s]) has[s] <= more;
    end
  end

  // The next one behind the stream that was chosen last, or else the first.
  logic [STREAMS-1:0] behind, choice;
  wire [STREAMS-1:0] want = run_i ? has & room_i & ~chosen & ~give_o : '0;
  wire [STREAMS-1:0] later = want & behind;
  logic [STREAM_BITS-1:0] choice_stream;
  always_comb begin
    choice = later != '0 ? later & (~later + 1'b1) : want & (~want + 1'b1);
    choice_stream = '0;
    for (int s = 0; s < STREAMS; s++) if (choice[s]) choice_stream |= STREAM_BITS'(s);
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      chosen <= '0;
      give_o <= '0;
      behind <= '0;
    end else begin
      chosen <= choice;
      give_o <= chosen;
      if (choice != '0) behind <= ~(choice | (choice - 1'b1));
    end
    chosen_stream <= choice_stream;
  end

  // Columns of what a port of half a block memory has at most: together they would be one of double width, which open place
  // and route for 7-series gets wrong.
  wire [WORD_BITS:0] write_data = {last_i, data_i};
  logic [WORD_BITS:0] read_data;
  assign {last_o, word_o} = read_data;
  for (genvar low = 0; low <= WORD_BITS; low += COLUMN) begin : g_column
    localparam int unsigned BITS = WORD_BITS + 1 - low < COLUMN ? WORD_BITS + 1 - low : COLUMN;
    qu_simple_dual_port_ram #(.WORD_BITS(BITS), .DEPTH(STREAMS * DEPTH), .BLOCK_RAM(1)) ram (
        .clk_i,
        .write_i(valid_i),
        .write_address_i(ADDRESS_BITS'({stream_i, in_count[PLACE_BITS-1:0]})),
        .write_data_i(write_data[low+:BITS]),
        .read_i(read),
        .read_address_i(ADDRESS_BITS'({chosen_stream, out_count[PLACE_BITS-1:0]})),
        .read_data_o(read_data[low+:BITS])
    );
  end

endmodule

`default_nettype wire
