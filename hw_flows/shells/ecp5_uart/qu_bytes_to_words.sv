// SPDX-License-Identifier: BSD-3-Clause
// Bytes of the host to words of a stream. A word lies in SLOT_BYTES bytes, lowest byte first; bits above it are ignored.
`default_nettype none

module qu_bytes_to_words #(
    parameter int unsigned WORD_BITS = 8,      // bits of a word, at least 1
    parameter int unsigned SLOT_BYTES = 1  // bytes of a slot, WORD_BITS <= 8 * SLOT_BYTES
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [      7:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  if (WORD_BITS < 1 || WORD_BITS > 8 * SLOT_BYTES) begin : g_check_width
    $error("%m: WORD_BITS (%0d) must be 1 to 8 * SLOT_BYTES (%0d)", WORD_BITS, SLOT_BYTES);
  end

  localparam int unsigned COUNT_BITS = $clog2(SLOT_BYTES + 1);

  logic [SLOT_BYTES*8-1:0] slot;
  logic [COUNT_BITS-1:0] count;  // bytes in the slot

  assign m_axis_tvalid = count == COUNT_BITS'(SLOT_BYTES);
  assign m_axis_tdata = slot[WORD_BITS-1:0];
  assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

  if (WORD_BITS < 8 * SLOT_BYTES) begin : g_unused
    // the bits above the word
    wire unused = ^slot[8*SLOT_BYTES-1:WORD_BITS];  // verilator lint_off UNUSEDSIGNAL
  end

  always_ff @(posedge clk_i) begin
    if (s_axis_tvalid && s_axis_tready) slot <= (SLOT_BYTES * 8)'({s_axis_tdata, slot} >> 8);
    if (rst_i) count <= '0;
    else if (s_axis_tvalid && s_axis_tready) count <= m_axis_tvalid ? COUNT_BITS'(1) : count + 1'b1;
    else if (m_axis_tready && m_axis_tvalid) count <= '0;
  end

endmodule

`default_nettype wire
