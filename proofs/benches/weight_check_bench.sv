// SPDX-License-Identifier: BSD-3-Clause
// Check: a region is whole exactly when division, a bit at a time, leaves nothing, it began as it should and no beat was wrong.
`default_nettype none

module weight_check_bench #(
    parameter int unsigned STREAMS = 2
) (
    input wire logic        clk_i,
    input wire logic        rst_i,
    input wire logic        follow_i,  // free constant: the stream that is followed
    input wire logic        valid_i,
    input wire logic [63:0] data_i,
    input wire logic        bus_error_i,
    input wire logic        rlast_i,
    input wire logic        stream_i,
    input wire logic        first_i,
    input wire logic        burst_end_i,
    input wire logic        last_i
);

  localparam logic [47:0] IDENTITY = 48'h1234_5678_9abc;
  localparam logic [31:0] NUMBER = {16'd7, 16'd3};

  logic off, whole_o, stream_o, open, foreign, was_valid, was_followed, was_last, was_bus_error, was_wrong_end, was_foreign;
  logic [3:0] wrong_o;
  logic [63:0] rest, next;

  qu_weight_check #(.STREAMS(STREAMS), .NUMBER(NUMBER), .IDENTITY(IDENTITY)) dut (.*);
  environment free (.clk_i, .rst_i, .constant_i(follow_i), .off_o(off));

  always_comb begin
    next = first_i ? '0 : rest;
    for (int i = 63; i >= 0; i--) next = {next[62:0], data_i[i]} ^ (next[63] ? 64'h1b : 64'h0);
  end
  wire mine = valid_i && stream_i == follow_i;
  always_ff @(posedge clk_i) begin
    if (off) open <= 1'b0;
    else if (mine) open <= !last_i;
    if (mine) rest <= next;
    was_valid <= !off && valid_i;
    was_followed <= stream_i == follow_i;
    was_last <= last_i;
    was_bus_error <= bus_error_i;
    was_wrong_end <= rlast_i != burst_end_i;
    was_foreign <= first_i && data_i != {stream_i ? 16'd7 : 16'd3, IDENTITY};
  end
  always_comb begin
    if (mine && !off) assume (first_i == !open);  // a region begins where the one before has ended
    if (!off) begin
      if (open) sum : assert (dut.remainders[follow_i] == rest);
      if (was_valid && was_followed) begin
        told : assert (wrong_o == {was_wrong_end, was_last && rest != '0, was_foreign, was_bus_error} && stream_o == follow_i);
        whole : assert (whole_o == (was_last && rest == '0 && !was_bus_error && !was_wrong_end && !was_foreign));
        is_whole : cover (whole_o);
      end
      if (!was_valid) silent : assert (wrong_o == '0 && !whole_o);
    end
  end

endmodule

`default_nettype wire
