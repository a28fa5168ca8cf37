// SPDX-License-Identifier: BSD-3-Clause
// Asynchronous serial transmitter: 8 data bits, lowest first, no parity, one stop bit.
`default_nettype none

module qu_uart_transmitter #(
    parameter int unsigned CLOCKS_PER_BIT = 25  // clock cycles of one bit, at least 4
) (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic [7:0] s_axis_tdata,
    input  wire logic       s_axis_tvalid,
    output      logic       s_axis_tready,
    output      logic       txd_o  // high while idle
);

  if (CLOCKS_PER_BIT < 4) begin : g_check_clocks
    $error("%m: CLOCKS_PER_BIT (%0d) must be at least 4", CLOCKS_PER_BIT);
  end

  localparam int unsigned TIMER_BITS = $clog2(CLOCKS_PER_BIT);

  logic [TIMER_BITS-1:0] timer;
  logic [3:0] bits_left;
  logic [8:0] shift;  // the bit on the line is the lowest

  assign s_axis_tready = bits_left == 4'd0;
  assign txd_o = shift[0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      bits_left <= 4'd0;
      shift <= '1;
    end else if (bits_left == 4'd0) begin
      timer <= TIMER_BITS'(CLOCKS_PER_BIT - 1);
      if (s_axis_tvalid) begin
        shift <= {s_axis_tdata, 1'b0};
        bits_left <= 4'd10;
      end
    end else if (timer != '0) begin
      timer <= timer - 1'b1;
    end else begin
      timer <= TIMER_BITS'(CLOCKS_PER_BIT - 1);
      shift <= {1'b1, shift[8:1]};
      bits_left <= bits_left - 1'b1;
    end
  end

endmodule

`default_nettype wire
