// SPDX-License-Identifier: BSD-3-Clause
// Store: every stream is given its words, in order, only where it has room; nobody with a word and room is passed by.
`default_nettype none

module weight_store_bench #(
    parameter int unsigned STREAMS = 2,
    parameter int unsigned DEPTH = 4,
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1,
    localparam int unsigned COUNT_BITS = $clog2(DEPTH) + 1
) (
    input wire logic                   clk_i,
    input wire logic                   rst_i,
    input wire logic                   choose_i,
    input wire logic [STREAM_BITS-1:0] follow_i,  // free constant: the followed stream
    input wire logic                   run_i,
    input wire logic                   valid_i,
    input wire logic [            1:0] data_i,
    input wire logic [STREAM_BITS-1:0] stream_i,
    input wire logic                   last_i,
    input wire logic [    STREAMS-1:0] room_i
);

  localparam int unsigned FRAMES = DEPTH + 2;
  logic off, ready, last_o, followed, seen;
  logic [STREAM_BITS-1:0] clear_stream;
  logic [COUNT_BITS-1:0] taken_o;
  logic [STREAMS-1:0] give_o, room_before;
  logic [1:0] word_o;
  logic [2:0] word;
  logic [COUNT_BITS-1:0] kept[STREAMS], came[STREAMS];
  logic [$clog2(STREAMS+1)-1:0] passed;  // others that were chosen while the followed stream could have been

  qu_weight_store #(.STREAMS(STREAMS), .WORD_BITS(2), .DEPTH(DEPTH)) dut (
      .clk_i, .rst_i(off || !ready), .clear_i(!ready), .clear_stream_i(clear_stream), .run_i, .valid_i, .data_i, .stream_i, .last_i,
      .visit_i(follow_i), .taken_o, .room_i, .give_o, .word_o, .last_o);

  environment #(.CONSTANT_BITS(STREAM_BITS)) free (.clk_i, .rst_i, .constant_i(follow_i), .off_o(off));
  wire push = valid_i && stream_i == follow_i;
  wire pop = give_o[follow_i];
  scoreboard #(.WORD_BITS(3), .FRAMES(FRAMES)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata({last_i, data_i}), .s_axis_tvalid(push), .s_axis_tready(1'b1),
      .m_axis_tvalid(pop), .m_axis_tready(1'b1), .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word), .in_index_o(),
      .out_index_o(), .ahead_o());

  wire could = dut.want[follow_i];
  always_ff @(posedge clk_i) begin
    if (off) begin
      ready <= 1'b0;
      clear_stream <= '0;
      passed <= '0;
      room_before <= '0;
    end else begin
      if (!ready) begin
        clear_stream <= clear_stream + 1'b1;
        ready <= clear_stream == STREAM_BITS'(STREAMS - 1);
      end
      if (!could || dut.choice[follow_i]) passed <= '0;
      else if (dut.choice != '0) passed <= passed + 1'b1;
      room_before <= room_i & ~give_o;
    end
  end
  for (genvar s = 0; s < STREAMS; s++) begin : g_stream
    wire came_in = valid_i && stream_i == STREAM_BITS'(s);
    always_ff @(posedge clk_i) begin
      if (off) begin
        kept[s] <= '0;
        came[s] <= '0;
      end else begin
        kept[s] <= kept[s] + COUNT_BITS'(came_in) - COUNT_BITS'(dut.chosen[s]);
        came[s] <= came[s] + COUNT_BITS'(came_in);
      end
    end
    always_comb begin
      assume (!came_in || 32'(kept[s]) < DEPTH);  // qu_weight_requests
      assume (!room_before[s] || room_i[s]);        // room stays until it is used
      if (!off) begin
        if (give_o[s]) only_room : assert (room_i[s]);
        if (ready) begin
          counts : assert (dut.written[s] == came[s] && dut.taken[s] == came[s] - kept[s] && 32'(kept[s]) <= DEPTH);
          has : assert (dut.has[s] == (kept[s] != '0) || dut.chosen[s]);
          if (dut.chosen[s]) chosen : assert (kept[s] != '0 && room_before[s] && 32'(dut.chosen_stream) == s && !give_o[s]);
          if (give_o[s]) given : assert (room_before[s]);
        end else nothing : assert (kept[s] == '0 && came[s] == '0 && !dut.chosen[s] && !give_o[s] && !dut.has[s]);
      end
    end
  end
  always_comb begin
    assume (32'(follow_i) < STREAMS && 32'(stream_i) < STREAMS);
    if (!ready) assume (!valid_i);
    if (!off) begin
      one : assert ($onehot0(give_o) && $onehot0(dut.chosen));
      if (pop && followed) order : assert (seen && {last_o, word_o} == word);
      if (ready) levels : assert (taken_o == came[follow_i] - kept[follow_i]);
      fair : assert (32'(passed) < STREAMS);
      clearing : assert (ready || 32'(clear_stream) < STREAMS);
      full : cover (32'(kept[0]) == DEPTH);
      two : cover (dut.choice[0] && dut.want == '1);
    end
  end
  responds #(.CYCLES(STREAMS + 2)) prompt (
      .clk_i, .rst_i(off || !ready || !run_i), .due_i(kept[follow_i] != '0 && room_before[follow_i]), .event_i(pop));

endmodule

`default_nettype wire
