// SPDX-License-Identifier: BSD-3-Clause
// Asynchronous serial receiver: 8 data bits, lowest first, no parity, one stop bit.
//
// The line is sampled in the middle of each bit. A byte whose stop bit is low is dropped: the line is broken, or the
// receiver took a data bit for a start bit and has to find its place again.
`default_nettype none

module qu_uart_receiver #(
    parameter int unsigned CLOCKS_PER_BIT = 25  // clock cycles of one bit, at least 4
) (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic       rxd_i,   // asynchronous; high while idle
    output      logic [7:0] data_o,
    output      logic       valid_o  // high for one cycle with each byte
);

  if (CLOCKS_PER_BIT < 4) begin : g_check_clocks
    $error("%m: CLOCKS_PER_BIT (%0d) must be at least 4", CLOCKS_PER_BIT);
  end

  localparam int unsigned TIMER_BITS = $clog2(CLOCKS_PER_BIT);
  localparam logic [TIMER_BITS-1:0] FULL = TIMER_BITS'(CLOCKS_PER_BIT - 1);
  localparam logic [TIMER_BITS-1:0] HALF = TIMER_BITS'(CLOCKS_PER_BIT / 2 - 1);

  logic [2:0] line;  // two stages against metastability, a third to see the edge
  logic [TIMER_BITS-1:0] timer;
  logic [3:0] bits_left;  // 10: start bit to come, 1: stop bit to come, 0: idle
  logic [7:0] shift;
  wire sample = bits_left != 4'd0 && timer == '0;

  assign data_o = shift;

  always_ff @(posedge clk_i) begin
    line <= {line[1:0], rxd_i};
    valid_o <= 1'b0;
    if (rst_i) begin
      line <= '1;
      bits_left <= 4'd0;
    end else if (bits_left == 4'd0) begin
      timer <= HALF;
      if (line[2] && !line[1]) bits_left <= 4'd10;
    end else if (!sample) begin
      timer <= timer - 1'b1;
    end else begin
      timer <= FULL;
      bits_left <= bits_left - 1'b1;
      if (bits_left == 4'd10) begin
        if (line[1]) bits_left <= 4'd0;  // a glitch, no start bit
      end else if (bits_left == 4'd1) begin
        valid_o <= line[1];
      end else begin
        shift <= {line[1], shift[7:1]};
      end
    end
  end

endmodule

`default_nettype wire
