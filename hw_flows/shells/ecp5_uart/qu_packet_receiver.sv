// SPDX-License-Identifier: BSD-3-Clause
// Bytes from the line to packets, framed as in RFC 1662: a flag 7E before and behind each packet, 7D before a byte that
// is sent with bit 5 inverted (7E and 7D themselves), the check sum last.
//
// A flag ends whatever came before it, so a lost, inverted or invented byte costs the packet it belongs to and no other.
// All bytes between two flags are given out, the four of the check sum too; what they are worth is known at the end.
`default_nettype none

module qu_packet_receiver (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic [7:0] data_i,   // from the line
    input  wire logic       valid_i,
    output      logic [7:0] data_o,   // of the packet
    output      logic       valid_o,
    output      logic       end_o,    // high for one cycle behind the last byte; never with valid_o
    output      logic       intact_o  // with end_o: the check sum is right
);

  localparam logic [7:0] FLAG = 8'h7E;
  localparam logic [7:0] ESCAPE = 8'h7D;
  localparam logic [31:0] RESIDUE = 32'hDEBB20E3;

  logic escaped;  // the byte before was ESCAPE
  logic empty;    // nothing came since the last flag
  logic [31:0] crc;

  qu_crc32 check (
      .clk_i,
      .clear_i(rst_i || end_o),
      .valid_i(valid_o),
      .data_i (data_o),
      .state_o(crc)
  );

  logic flag;  // a flag came in the cycle before
  assign end_o = flag && !empty;
  assign intact_o = crc == RESIDUE && !escaped;

  always_ff @(posedge clk_i) begin
    flag <= valid_i && data_i == FLAG;
    valid_o <= valid_i && data_i != FLAG && data_i != ESCAPE;
    data_o <= escaped ? data_i ^ 8'h20 : data_i;
    if (rst_i) begin
      flag <= 1'b0;
      valid_o <= 1'b0;
    end
    if (rst_i || flag) begin
      escaped <= 1'b0;
      empty <= 1'b1;
    end
    if (!rst_i && valid_i && data_i != FLAG) begin
      escaped <= data_i == ESCAPE;
      empty <= 1'b0;
    end
  end

endmodule

`default_nettype wire
