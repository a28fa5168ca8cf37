// SPDX-License-Identifier: BSD-3-Clause
// Requests: each stream's bursts in the order of its schedule, none without room for all of it, none across 4 KiB, nobody
// passed by. A model beside it counts where each stream is, as bursts of its region.
`default_nettype none

module weight_requests_bench #(
    parameter int unsigned STREAMS = 2,  // at most 4
    parameter int unsigned DEPTH = 8,
    parameter int unsigned OUTSTANDING = 2,
    parameter int unsigned FRAME_BITS = 1
) (
    input wire logic        clk_i,
    input wire logic        rst_i,
    input wire logic [13:0] base_i,         // free constant
    input wire logic [ 1:0] follow_i,       // free constant: this stream is not passed by
    input wire logic        stop_i,         // free: no burst is asked for
    input wire logic        leave_i,        // free: a frame leaves
    input wire logic        take_i,         // free: a word leaves a buffer
    input wire logic [ 1:0] take_stream_i,  // whose
    input wire logic        m_axis_tready,  // the bus takes an address
    input wire logic        done_i          // free: a burst is complete
);

  localparam int unsigned BURST = 4, HEAD = 2, BLOCK_BITS = 4, REPEAT_BITS = 1, WORD_BYTES = 8;
  localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1;
  localparam int unsigned COUNT_BITS = $clog2(DEPTH) + 1;
  localparam int unsigned LEAD = 2 ** FRAME_BITS - 1;
  localparam int unsigned FLIGHT_COUNT_BITS = (OUTSTANDING > 1 ? $clog2(OUTSTANDING) : 1) + 1;
  localparam int unsigned FLIGHT_BITS = STREAM_BITS + 4;
  // Regions of 1, 2, 1 and 3 blocks, of 3, 5, 4 and 12 words, read once, twice, twice and once.
  localparam logic [4*BLOCK_BITS-1:0] FIRST = {4'd9, 4'd8, 4'd4, 4'd1}, LAST = {4'd11, 4'd8, 4'd5, 4'd1};
  localparam logic [4*2-1:0] TAIL = {2'd3, 2'd3, 2'd0, 2'd2};
  localparam logic [4*REPEAT_BITS-1:0] LAST_REPEAT = 4'b0110;

  logic off, m_axis_tvalid;
  logic [13:0] m_axi_araddr;
  logic [1:0] m_axi_arlen;
  logic [STREAM_BITS-1:0] visit_o, clear_stream;
  logic [COUNT_BITS-1:0] taken[STREAMS];
  logic [FRAME_BITS-1:0] frames_i;
  logic [FLIGHT_BITS-1:0] flight_tdata;
  logic flight_tvalid, ready;  // ready: all streams have been cleared

  wire run = ready && !stop_i;
  wire flight_tready = flight_tvalid && done_i;
  qu_weight_requests #(
      .STREAMS(STREAMS), .WORD_BYTES(WORD_BYTES), .BURST(BURST), .DEPTH(DEPTH), .HEAD(HEAD), .OUTSTANDING(OUTSTANDING),
      .ADDRESS_BITS(14), .BLOCK_BITS(BLOCK_BITS), .REPEAT_BITS(REPEAT_BITS), .FRAME_BITS(FRAME_BITS),
      .FIRST(FIRST[STREAMS*BLOCK_BITS-1:0]), .LAST(LAST[STREAMS*BLOCK_BITS-1:0]), .TAIL(TAIL[STREAMS*2-1:0]),
      .LAST_REPEAT(LAST_REPEAT[STREAMS*REPEAT_BITS-1:0])) dut (
      .clk_i, .rst_i, .clear_i(!ready), .clear_stream_i(clear_stream), .run_i(run), .base_i, .frames_i, .visit_o,
      .taken_i(taken[visit_o]), .m_axi_araddr, .m_axi_arlen, .m_axi_arvalid(m_axis_tvalid), .m_axi_arready(m_axis_tready),
      .flight_tdata, .flight_tvalid, .flight_tready);

  environment #(.CONSTANT_BITS(16)) free (.clk_i, .rst_i, .constant_i({base_i, follow_i}), .off_o(off));
  stream_rules #(.WORD_BITS(16)) m_rules (
      .clk_i, .rst_i(off), .tdata({m_axi_araddr, m_axi_arlen}), .tvalid(m_axis_tvalid), .tready(m_axis_tready));

  // The model: which burst, repeat and frame comes next, and words asked for that have not left the buffer.
  logic [1:0] burst[STREAMS];
  logic [REPEAT_BITS-1:0] repetition[STREAMS];
  logic [FRAME_BITS:0] ahead[STREAMS];  // frames asked for, wholly, that have not left
  logic [COUNT_BITS-1:0] held[STREAMS];
  logic [1:0] passed;  // bursts that others got while the followed stream could have had one
  logic [$clog2(OUTSTANDING+2)-1:0] under_way;

  function automatic logic [1:0] last_burst(input int unsigned s);
    return 2'(LAST[s*BLOCK_BITS+:BLOCK_BITS] - FIRST[s*BLOCK_BITS+:BLOCK_BITS]);
  endfunction
  function automatic logic [1:0] beats(input int unsigned s, input logic [1:0] b);
    return b == last_burst(s) ? TAIL[s*2+:2] : 2'd3;
  endfunction

  wire ask = dut.ask;
  logic asked, may_follow, all_ahead, order_now, room_now;
  logic [13:0] expected_address;
  logic [1:0] expected_beats;
  logic [STREAM_BITS-1:0] asked_stream;
  for (genvar s = 0; s < STREAMS; s++) begin : g_stream
    wire mine = ask && visit_o == STREAM_BITS'(s);
    wire ends = burst[s] == last_burst(s);
    wire frame_ends = mine && ends && repetition[s] == LAST_REPEAT[s];
    wire took = take_i && take_stream_i == 2'(s);
    wire [COUNT_BITS-1:0] more = COUNT_BITS'(beats(s, burst[s])) + (burst[s] == '0 ? '1 : COUNT_BITS'(1));  // less the head
    always_ff @(posedge clk_i) begin
      if (off) begin
        burst[s] <= '0;
        repetition[s] <= '0;
        ahead[s] <= '0;
        held[s] <= '0;
        taken[s] <= '0;
      end else begin
        if (mine) burst[s] <= ends ? '0 : burst[s] + 1'b1;
        if (mine && ends) repetition[s] <= repetition[s] == LAST_REPEAT[s] ? '0 : repetition[s] + 1'b1;
        ahead[s] <= ahead[s] + (FRAME_BITS + 1)'(frame_ends) - (FRAME_BITS + 1)'(leave_i);
        held[s] <= held[s] + (mine ? more : '0) - COUNT_BITS'(took);
        taken[s] <= taken[s] + COUNT_BITS'(took);
      end
    end
    always_comb begin
      assume (!took || held[s] != '0);
      assume (!leave_i || ahead[s] != '0);  // qu_weight_gate
      if (!off) begin
        if (mine) room : assert (held[s] + COUNT_BITS'(BURST) <= COUNT_BITS'(DEPTH));
        lead : assert (32'(ahead[s]) <= LEAD);
        if (mine) lead_kept : assert (32'(ahead[s]) < LEAD);
        if (ready) where : assert (dut.states[s] == {FIRST[s*BLOCK_BITS+:BLOCK_BITS] + BLOCK_BITS'(burst[s]), repetition[s],
            FRAME_BITS'(ahead[s]) + frames_i, held[s] + taken[s]});
        in_range : assert (burst[s] <= last_burst(s) && repetition[s] <= LAST_REPEAT[s] && held[s] <= COUNT_BITS'(DEPTH));
        if (frame_ends) frame_asked : cover (frames_i != '0);
      end
    end
  end

  always_comb begin
    may_follow = 1'b0;
    for (int s = 0; s < STREAMS; s++)
      if (follow_i == 2'(s)) may_follow = run && held[s] <= COUNT_BITS'(DEPTH - BURST) && 32'(ahead[s]) < LEAD;
  end
  wire ask_followed = ask && 2'(visit_o) == follow_i;
  always_ff @(posedge clk_i) begin
    if (off) begin
      ready <= 1'b0;
      clear_stream <= '0;
      frames_i <= '0;
      passed <= '0;
      asked <= 1'b0;
      under_way <= '0;
    end else begin
      if (!ready) begin
        clear_stream <= clear_stream + 1'b1;
        ready <= clear_stream == STREAM_BITS'(STREAMS - 1);
      end
      frames_i <= frames_i + FRAME_BITS'(leave_i);
      if (!may_follow || ask_followed) passed <= '0;
      else if (ask) passed <= passed + 1'b1;
      asked <= ask;
      under_way <= under_way + $bits(under_way)'(ask) - $bits(under_way)'(flight_tready);
    end
    for (int s = 0; s < STREAMS; s++) begin
      if (visit_o == STREAM_BITS'(s)) begin
        expected_address <= {base_i[13:5], 5'd0} + 14'({FIRST[s*BLOCK_BITS+:BLOCK_BITS] + BLOCK_BITS'(burst[s]), 5'd0});
        expected_beats <= beats(s, burst[s]);
      end
    end
  end
  // A stream that may have a burst gets one as soon as the bus and the limit of bursts allow one for each stream before it.
  responds #(.CYCLES(STREAMS)) prompt (
      .clk_i, .rst_i(off), .due_i(may_follow && (!m_axis_tvalid || m_axis_tready) && dut.flight_free), .event_i(ask_followed));

  wire [12:0] end_of_burst = {1'b0, m_axi_araddr[11:0]} + {8'b0, m_axi_arlen, 3'b0} + 13'd7;
  always_comb begin
    assume (32'(follow_i) < STREAMS && 32'(take_stream_i) < STREAMS);
    if (!ready) assume (!leave_i && !take_i);
    if (!off) begin
      if (asked) order : assert (m_axis_tvalid && m_axi_araddr == expected_address && m_axi_arlen == expected_beats);
      if (m_axis_tvalid) legal : assert (m_axi_araddr[2:0] == '0 && !end_of_burst[12]);
      fair : assert (32'(passed) < STREAMS);
      outstanding : assert (32'(under_way) <= OUTSTANDING);
      clearing : assert (ready || (32'(clear_stream) < STREAMS && !m_axis_tvalid && under_way == '0));
      visits : assert (32'(visit_o) < STREAMS);
      stall : cover (m_axis_tvalid && !m_axis_tready);
      many : cover (32'(under_way) == OUTSTANDING);
    end
  end

  // Which stream is looked at while the followed one waits: never more than once round.
  wire [STREAM_BITS-1:0] distance = 2'(visit_o) <= follow_i ? STREAM_BITS'(follow_i) - visit_o
      : STREAM_BITS'(STREAMS) + STREAM_BITS'(follow_i) - visit_o;
  if (STREAMS > 1) begin : g_several
    always_comb begin
      if (!off) begin
        if (may_follow && passed != '0) nearer : assert (32'(passed) + 32'(distance) < STREAMS);
        if (prompt.waited != '0) comes_near : assert (32'(prompt.waited) + 32'(distance) < STREAMS);
      end
    end
  end
  always_comb begin
    if (!off) begin
      address_aligned : assert (!m_axis_tvalid || m_axi_araddr[4:0] == '0);
      counted : assert (FLIGHT_COUNT_BITS'(under_way) == dut.flight.g_shift.storage.oldest + 1'b1);
    end
  end

endmodule

`default_nettype wire
