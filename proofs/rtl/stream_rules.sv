// SPDX-License-Identifier: BSD-3-Clause
// What a stream owes its receiver: an offered word stays, unchanged, until it is taken.
//
// ASSUME 0 asserts the rules, for a stream that the proved module drives; 1 assumes them, for one that it receives.
`default_nettype none

module stream_rules #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned ASSUME = 0  // 1: the environment drives this stream
) (
    input wire logic             clk_i,
    input wire logic             rst_i,
    input wire logic [WORD_BITS-1:0] tdata,
    input wire logic             tvalid,
    input wire logic             tready
);

  logic waiting;  // a word was offered and not taken in the cycle before
  logic [WORD_BITS-1:0] held;

  always_ff @(posedge clk_i) begin
    waiting <= !rst_i && tvalid && !tready;
    held <= tdata;
  end

  if (ASSUME != 0) begin : g_assume
    always_comb begin
      if (waiting && !rst_i) begin
        assume (tvalid);
        assume (tdata == held);
      end
    end
  end else begin : g_assert
    always_comb begin
      if (waiting && !rst_i) begin
        valid_stays : assert (tvalid);
        data_stays : assert (tdata == held);
      end
    end
  end

endmodule

`default_nettype wire
