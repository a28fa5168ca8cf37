// SPDX-License-Identifier: BSD-3-Clause
// Bytes to stream words: a word from the bytes of its slot, lowest first. A frame is one word.
`default_nettype none

module bytes_to_words_bench #(
    parameter int unsigned WIDTH = 10,
    parameter int unsigned SLOT_BYTES = 2,
    localparam int unsigned BIT_BITS = $clog2(WIDTH + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [ BIT_BITS-1:0] bit_i,
    input wire logic [8-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  logic s_axis_tready, m_axis_tvalid;
  logic [WIDTH-1:0] m_axis_tdata;

  qu_bytes_to_words #(.WIDTH(WIDTH), .SLOT_BYTES(SLOT_BYTES)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  repack_rules #(
      .IN_WIDTH(8), .OUT_WIDTH(WIDTH), .ELEMENT_BITS(WIDTH), .IN_PITCH(WIDTH), .OUT_PITCH(WIDTH), .IN_WORDS(SLOT_BYTES)) rules (.*);

endmodule

`default_nettype wire
