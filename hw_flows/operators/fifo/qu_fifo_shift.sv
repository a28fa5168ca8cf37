// SPDX-License-Identifier: BSD-3-Clause
// FIFO in shift registers with an addressed tap (SRL16/SRL32 on 7-series): the cheapest up to 32 words.
`default_nettype none

module qu_fifo_shift #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned DEPTH = 2   // capacity in words, at least 1
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;

  // Index of the oldest word; all ones, -1, when there is none.
  logic [ADDRESS_BITS:0] oldest;
  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;

  assign s_axis_tready = oldest != (ADDRESS_BITS + 1)'(DEPTH - 1);
  assign m_axis_tvalid = !oldest[ADDRESS_BITS];

  always_ff @(posedge clk_i) begin
    if (rst_i) oldest <= '1;
    else if (push != pop) oldest <= oldest + {{ADDRESS_BITS{pop}}, 1'b1};
  end

  if (DEPTH == 1) begin : g_register
    always_ff @(posedge clk_i) if (push) m_axis_tdata <= s_axis_tdata;
  end else begin : g_shift
    // One shift register per bit and a one-bit part select: Yosys' slang frontend turns this form, but not `words[oldest]`,
    // into what its shift register inference recognizes.
    for (genvar i = 0; i < WORD_BITS; i++) begin : g_bit
      logic [DEPTH-1:0] words;
      always_ff @(posedge clk_i) if (push) words <= DEPTH'({words, s_axis_tdata[i]});
      assign m_axis_tdata[i] = words[oldest[ADDRESS_BITS-1:0]+:1];
    end
  end

endmodule

`default_nettype wire
