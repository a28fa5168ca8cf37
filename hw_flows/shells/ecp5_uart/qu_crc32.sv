// SPDX-License-Identifier: BSD-3-Clause
// Check sum of packets: the 32 bit frame check sequence of RFC 1662 (CRC-32 of IEEE 802.3, the one of zlib).
//
// After all bytes of a packet and its check sum, lowest byte first, state_o is 32'hDEBB20E3. To send, the check sum is
// ~state_o.
`default_nettype none

module qu_crc32 (
    input  wire logic        clk_i,
    input  wire logic        clear_i,  // begin a packet; goes before valid_i
    input  wire logic        valid_i,  // data_i is the next byte
    input  wire logic [ 7:0] data_i,
    output      logic [31:0] state_o
);

  localparam logic [31:0] POLYNOMIAL = 32'hEDB88320;  // lowest bit first

  logic [31:0] next;

  always_comb begin
    next = state_o ^ {24'd0, data_i};
    for (int i = 0; i < 8; i++) next = next[0] ? {1'b0, next[31:1]} ^ POLYNOMIAL : {1'b0, next[31:1]};
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) state_o <= '1;
    else if (valid_i) state_o <= next;
  end

endmodule

`default_nettype wire
