// SPDX-License-Identifier: BSD-3-Clause
// How many frames' weights are verified: of which every stream of the port has had all repeats of its region, whole.
//
// Counts each stream's frames; a pointer walks over the streams and waits at each until it has the frame that is next.
`default_nettype none

module qu_weight_frames #(
    parameter int unsigned STREAMS = 2,      // at least 1
    parameter int unsigned REPEAT_BITS = 8,  // of a repeat's number
    parameter int unsigned FRAME_BITS = 3,   // of a frame's number, modulo; no stream is 2**FRAME_BITS frames before another
    parameter logic [STREAMS*REPEAT_BITS-1:0] LAST_REPEAT = '0,  // repeats a frame, less 1, the first stream's lowest
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                   clk_i,
    input  wire logic                   rst_i,           // also between runs
    input  wire logic                   clear_i,         // clear_stream_i begins anew; nothing else happens meanwhile
    input  wire logic [STREAM_BITS-1:0] clear_stream_i,
    input  wire logic                   whole_i,         // a region of stream_i has come, as it should be
    input  wire logic [STREAM_BITS-1:0] stream_i,
    output      logic [ FRAME_BITS-1:0] verified_o       // modulo
);

  (* ram_style = "distributed" *) logic [REPEAT_BITS-1:0] repeats[STREAMS];
  (* ram_style = "distributed" *) logic [FRAME_BITS-1:0] frames[STREAMS];
  wire [REPEAT_BITS-1:0] repetition = repeats[stream_i];
  wire [FRAME_BITS-1:0] frame = frames[stream_i];
  wire last = repetition == LAST_REPEAT[stream_i*REPEAT_BITS+:REPEAT_BITS];
  always_ff @(posedge clk_i) begin
    if (clear_i) repeats[clear_stream_i] <= '0;
    else if (whole_i) repeats[stream_i] <= last ? '0 : repetition + 1'b1;
    if (clear_i) frames[clear_stream_i] <= '0;
    else if (whole_i && last) frames[stream_i] <= frame + 1'b1;
  end

  logic [STREAM_BITS-1:0] walk;
  wire has = frames[walk] != verified_o;
  wire walk_last = walk == STREAM_BITS'(STREAMS - 1);
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      walk <= '0;
      verified_o <= '0;
    end else if (has) begin
      walk <= walk_last ? '0 : walk + 1'b1;
      verified_o <= verified_o + FRAME_BITS'(walk_last);
    end
  end

endmodule

`default_nettype wire
