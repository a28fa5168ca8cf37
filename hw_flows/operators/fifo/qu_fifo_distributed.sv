// SPDX-License-Identifier: BSD-3-Clause
// FIFO in LUTs used as memory (RAM32M/RAM64M on 7-series), read without a register.
`default_nettype none

module qu_fifo_distributed #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned DEPTH = 64  // capacity in words, at least 1
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

  localparam int unsigned COUNT_BITS = $clog2(DEPTH + 1);
  localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;

  (* ram_style = "distributed" *) logic [WORD_BITS-1:0] words[DEPTH];
  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic [COUNT_BITS-1:0] count;
  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;

  assign s_axis_tready = count != COUNT_BITS'(DEPTH);
  assign m_axis_tvalid = count != '0;
  assign m_axis_tdata = words[read_address];

  qu_address_counter #(
      .BITS(ADDRESS_BITS),
      .WORDS(DEPTH)
  ) write_counter (
      .clk_i,
      .rst_i,
      .step_i(push),
      .address_o(write_address)
  );
  qu_address_counter #(
      .BITS(ADDRESS_BITS),
      .WORDS(DEPTH)
  ) read_counter (
      .clk_i,
      .rst_i,
      .step_i(pop),
      .address_o(read_address)
  );

  always_ff @(posedge clk_i) begin
    if (push) words[write_address] <= s_axis_tdata;
    if (rst_i) count <= '0;
    else if (push != pop) count <= count + {{(COUNT_BITS - 1) {pop}}, 1'b1};
  end

endmodule

`default_nettype wire
