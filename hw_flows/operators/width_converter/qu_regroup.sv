// SPDX-License-Identifier: BSD-3-Clause
// Words of IN_WORD_BITS bits become words of OUT_WORD_BITS bits where neither width divides the other.
//
// A ring of least-common-multiple bits: each input word has its own place (write enables instead of a shifter), each output
// word its own source (one multiplexer). Both handshakes are independent of each other.
`default_nettype none

module qu_regroup #(
    parameter int unsigned IN_WORD_BITS = 12,  // bits of an input word
    parameter int unsigned OUT_WORD_BITS = 8   // bits of an output word; neither width divides the other
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic [IN_WORD_BITS-1:0]  s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic [OUT_WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  function automatic int unsigned gcd(input int unsigned a, input int unsigned b);
    int unsigned x, y, rest;
    x = a;
    y = b;
    while (y != 0) begin
      rest = x % y;
      x = y;
      y = rest;
    end
    return x;
  endfunction

  localparam int unsigned UNIT = gcd(IN_WORD_BITS, OUT_WORD_BITS);
  localparam int unsigned IN_UNITS = IN_WORD_BITS / UNIT;    // also: output words in the ring
  localparam int unsigned OUT_UNITS = OUT_WORD_BITS / UNIT;  // also: input words in the ring
  localparam int unsigned RING_UNITS = IN_UNITS * OUT_UNITS;
  localparam int unsigned LEVEL_BITS = $clog2(RING_UNITS + 1);

  logic [RING_UNITS*UNIT-1:0] ring;
  logic [LEVEL_BITS-1:0] level;  // units waiting in the ring
  logic [$clog2(OUT_UNITS)-1:0] write_place;
  logic [$clog2(IN_UNITS)-1:0] read_place;
  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;

  assign s_axis_tready = level <= LEVEL_BITS'(RING_UNITS - IN_UNITS);
  assign m_axis_tvalid = level >= LEVEL_BITS'(OUT_UNITS);
  assign m_axis_tdata = ring[read_place*OUT_WORD_BITS+:OUT_WORD_BITS];

  for (genvar i = 0; i < OUT_UNITS; i++) begin : g_place
    always_ff @(posedge clk_i) begin
      if (push && write_place == $clog2(OUT_UNITS)'(i)) ring[i*IN_WORD_BITS+:IN_WORD_BITS] <= s_axis_tdata;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) write_place <= write_place == $clog2(OUT_UNITS)'(OUT_UNITS - 1) ? '0 : write_place + 1'b1;
    if (pop) read_place <= read_place == $clog2(IN_UNITS)'(IN_UNITS - 1) ? '0 : read_place + 1'b1;
    level <= level + (push ? LEVEL_BITS'(IN_UNITS) : '0) - (pop ? LEVEL_BITS'(OUT_UNITS) : '0);
    if (rst_i) begin
      write_place <= '0;
      read_place <= '0;
      level <= '0;
    end
  end

endmodule

`default_nettype wire
