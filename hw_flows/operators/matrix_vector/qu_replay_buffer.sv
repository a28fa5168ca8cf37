// SPDX-License-Identifier: BSD-3-Clause
// Gives each vector of WORDS words REPEATS times: the first time as it arrives, then from memory.
//
// A word that is given was requested a cycle before (registered read). Nothing moves while advance_i is low.
`default_nettype none

module qu_replay_buffer #(
    parameter int unsigned WORD_BITS = 16,   // bits of a word
    parameter int unsigned WORDS = 4,    // words of a vector, at least 1
    parameter int unsigned REPEATS = 2,  // at least 1
    parameter int unsigned BLOCK_RAM = 0     // 1: block memory, 0: LUT memory
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic             advance_i,
    input  wire logic [WORD_BITS-1:0] data_i,
    input  wire logic             valid_i,
    output      logic             ready_o,  // data_i is taken, once advance_i is high
    output      logic [WORD_BITS-1:0] data_o,
    output      logic             step_o,   // a word is given: it is in data_o two cycles later, one cycle with REPEATS = 1
    output      logic             last_o    // with step_o: the vector's last word
);

  localparam int unsigned COUNT_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam int unsigned REPEAT_BITS = REPEATS > 1 ? $clog2(REPEATS) : 1;

  logic [COUNT_BITS-1:0] word;
  logic [REPEAT_BITS-1:0] repetition;
  wire arriving = repetition == '0;

  assign ready_o = arriving;
  assign step_o = !arriving || valid_i;
  assign last_o = word == COUNT_BITS'(WORDS - 1);

  if (WORDS > 1) begin : g_words
    always_ff @(posedge clk_i) begin
      if (rst_i) word <= '0;
      else if (advance_i && step_o) word <= last_o ? '0 : word + 1'b1;
    end
  end else begin : g_one_word
    assign word = '0;
  end

  if (REPEATS > 1) begin : g_repeats
    always_ff @(posedge clk_i) begin
      if (rst_i) repetition <= '0;
      else if (advance_i && step_o && last_o) repetition <= repetition == REPEAT_BITS'(REPEATS - 1) ? '0 : repetition + 1'b1;
    end
  end else begin : g_one_repeat
    assign repetition = '0;
  end

  if (REPEATS == 1) begin : g_pass
    wire unused = &{1'b0, rst_i};
    always_ff @(posedge clk_i) if (advance_i) data_o <= data_i;
  end else if (WORDS == 1) begin : g_hold
    logic [WORD_BITS-1:0] held;
    always_ff @(posedge clk_i) begin
      if (advance_i && arriving && valid_i) held <= data_i;
      if (advance_i) data_o <= held;
    end
  end else begin : g_memory
    // Written on arrival, read the cycle after at the same place: no multiplexer between both sources, and read and
    // write never meet.
    logic [COUNT_BITS-1:0] read_word;
    always_ff @(posedge clk_i) if (advance_i) read_word <= word;
    qu_simple_dual_port_ram #(
        .WORD_BITS(WORD_BITS),
        .DEPTH(WORDS),
        .BLOCK_RAM(BLOCK_RAM)
    ) ram (
        .clk_i,
        .write_i(advance_i && arriving && valid_i),
        .write_address_i(word),
        .write_data_i(data_i),
        .read_i(advance_i),
        .read_address_i(read_word),
        .read_data_o(data_o)
    );
  end

endmodule

`default_nettype wire
