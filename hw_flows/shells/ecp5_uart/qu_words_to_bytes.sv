// SPDX-License-Identifier: BSD-3-Clause
// Words of a stream to bytes for the host. A word lies in SLOT_BYTES bytes, lowest byte first; bits above it are 0.
`default_nettype none

module qu_words_to_bytes #(
    parameter int unsigned WORD_BITS = 8,      // bits of a word, at least 1
    parameter int unsigned SLOT_BYTES = 1  // bytes of a slot, WORD_BITS <= 8 * SLOT_BYTES
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [      7:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  if (WORD_BITS < 1 || WORD_BITS > 8 * SLOT_BYTES) begin : g_check_width
    $error("%m: WORD_BITS (%0d) must be 1 to 8 * SLOT_BYTES (%0d)", WORD_BITS, SLOT_BYTES);
  end

  localparam int unsigned COUNT_BITS = $clog2(SLOT_BYTES + 1);

  logic [SLOT_BYTES*8-1:0] slot;
  logic [COUNT_BITS-1:0] count;  // bytes still in the slot

  assign m_axis_tvalid = count != '0;
  assign m_axis_tdata = slot[7:0];
  assign s_axis_tready = count == '0;

  always_ff @(posedge clk_i) begin
    if (s_axis_tready) slot <= (SLOT_BYTES * 8)'(s_axis_tdata);
    else if (m_axis_tready) slot <= slot >> 8;
    if (rst_i) count <= '0;
    else if (s_axis_tready) count <= s_axis_tvalid ? COUNT_BITS'(SLOT_BYTES) : '0;
    else if (m_axis_tready) count <= count - 1'b1;
  end

endmodule

`default_nettype wire
