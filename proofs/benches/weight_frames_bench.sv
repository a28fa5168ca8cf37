// SPDX-License-Identifier: BSD-3-Clause
// Frames: one is verified only after every stream has had all its repeats, and then soon.
`default_nettype none

module weight_frames_bench #(
    parameter int unsigned STREAMS = 3,  // at most 4
    parameter int unsigned FRAME_BITS = 2
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       whole_i,
    input wire logic [1:0] of_i  // the stream of whole_i
);

  localparam int unsigned REPEAT_BITS = 2, LEAD = 2 ** FRAME_BITS - 1;
  localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1;
  localparam logic [4*REPEAT_BITS-1:0] LAST_REPEAT = {2'd1, 2'd2, 2'd0, 2'd1};

  logic off, ready, all_ahead;
  logic [STREAM_BITS-1:0] clear_stream;
  logic [FRAME_BITS-1:0] verified_o, previous;
  logic [REPEAT_BITS-1:0] repetition[STREAMS];
  logic [FRAME_BITS:0] ahead[STREAMS];  // frames of a stream, less those that are verified
  wire [STREAM_BITS-1:0] stream = STREAM_BITS'(of_i);

  qu_weight_frames #(.STREAMS(STREAMS), .REPEAT_BITS(REPEAT_BITS), .FRAME_BITS(FRAME_BITS),
      .LAST_REPEAT(LAST_REPEAT[STREAMS*REPEAT_BITS-1:0])) dut (
      .clk_i, .rst_i(off || !ready), .clear_i(!ready), .clear_stream_i(clear_stream), .whole_i, .stream_i(stream), .verified_o);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  wire step = ready && verified_o != previous;  // one more was verified in the cycle before
  always_ff @(posedge clk_i) begin
    if (off) begin
      ready <= 1'b0;
      clear_stream <= '0;
    end else if (!ready) begin
      clear_stream <= clear_stream + 1'b1;
      ready <= clear_stream == STREAM_BITS'(STREAMS - 1);
    end
    previous <= off || !ready ? '0 : verified_o;
  end
  for (genvar s = 0; s < STREAMS; s++) begin : g_stream
    wire mine = whole_i && of_i == 2'(s);
    wire last = repetition[s] == LAST_REPEAT[s*REPEAT_BITS+:REPEAT_BITS];
    always_ff @(posedge clk_i) begin
      if (off) begin
        repetition[s] <= '0;
        ahead[s] <= '0;
      end else begin
        if (mine) repetition[s] <= last ? '0 : repetition[s] + 1'b1;
        ahead[s] <= ahead[s] + (FRAME_BITS + 1)'(mine && last) - (FRAME_BITS + 1)'(step);
      end
    end
    // Frames that this stream has had and that are not verified, this cycle's step included.
    wire [FRAME_BITS:0] net = ahead[s] - (FRAME_BITS + 1)'(step);
    always_comb begin
      assume (!mine || 32'(net) < LEAD);  // qu_weight_requests
      if (!off) begin
        if (step) verified : assert (ahead[s] != '0);
        if (ready) begin
          repeats : assert (dut.repeats[s] == repetition[s] && repetition[s] <= LAST_REPEAT[s*REPEAT_BITS+:REPEAT_BITS]);
          frames : assert (dut.frames[s] == FRAME_BITS'(net) + verified_o && 32'(net) <= LEAD);
        end else nothing : assert (ahead[s] == '0 && repetition[s] == '0);
      end
    end
    if (s + 1 < STREAMS) begin : g_walked
      always_comb if (!off && ready && 32'(dut.walk) > s) walked : assert (net != '0);
    end
  end
  always_comb begin
    all_ahead = ready;
    for (int s = 0; s < STREAMS; s++) all_ahead &= ahead[s] != '0;
    assume (32'(of_i) < STREAMS);
    if (!ready) assume (!whole_i);
    if (!off) begin
      clearing : assert (ready || 32'(clear_stream) < STREAMS);
      if (ready) walks : assert (32'(dut.walk) < STREAMS);
      waits : cover (ready && 32'(dut.walk) == STREAMS - 1 && !dut.has);
      again : cover (ready && step);
    end
  end
  responds #(.CYCLES(STREAMS + 2)) prompt (.clk_i, .rst_i(off || !ready), .due_i(all_ahead), .event_i(step));

endmodule

`default_nettype wire
