// SPDX-License-Identifier: BSD-3-Clause
// FIFO in block memory at the stream's own width; a word comes out two cycles after it went in.
//
// The memory's output register is the last place of the FIFO: a word read ahead waits there, so the memory itself holds
// DEPTH - 1 words. A word is read at the earliest in the cycle after it was written: read and write never meet.
`default_nettype none

module qu_fifo_block #(
    parameter int unsigned WORD_BITS = 8,     // bits of a word, at least 1
    parameter int unsigned DEPTH = 1024,  // capacity in words, at least 3
    parameter int unsigned SCATTERED = 0  // 1: the memory has 2**$clog2(DEPTH) places, with cheaper addresses
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

  localparam int unsigned ADDRESS_BITS = SCATTERED != 0 ? $clog2(DEPTH) : $clog2(DEPTH - 1);
  localparam int unsigned WORDS = SCATTERED != 0 ? 1 << ADDRESS_BITS : DEPTH - 1;
  localparam int unsigned COUNT_BITS = $clog2(DEPTH + 1);

  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic [COUNT_BITS-1:0] count;  // all words, the one in m_axis_tdata included
  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;
  wire stored = m_axis_tvalid ? count > COUNT_BITS'(1) : count != '0;  // the memory holds a word
  wire read = stored && (!m_axis_tvalid || m_axis_tready);

  assign s_axis_tready = count != COUNT_BITS'(DEPTH);

  qu_address_counter #(
      .BITS(ADDRESS_BITS),
      .WORDS(WORDS),
      .SCATTERED(SCATTERED)
  ) write_counter (
      .clk_i,
      .rst_i,
      .step_i(push),
      .address_o(write_address)
  );
  qu_address_counter #(
      .BITS(ADDRESS_BITS),
      .WORDS(WORDS),
      .SCATTERED(SCATTERED)
  ) read_counter (
      .clk_i,
      .rst_i,
      .step_i(read),
      .address_o(read_address)
  );

  qu_simple_dual_port_ram #(
      .WORD_BITS(WORD_BITS),
      .DEPTH(WORDS),
      .BLOCK_RAM(1)
  ) ram (
      .clk_i,
      .write_i(push),
      .write_address_i(write_address),
      .write_data_i(s_axis_tdata),
      .read_i(read),
      .read_address_i(read_address),
      .read_data_o(m_axis_tdata)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) count <= '0;
    else if (push != pop) count <= count + {{(COUNT_BITS - 1) {pop}}, 1'b1};
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (m_axis_tready || read) m_axis_tvalid <= read;
  end

endmodule

`default_nettype wire
