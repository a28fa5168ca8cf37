// SPDX-License-Identifier: BSD-3-Clause
// Packets of the host to requests: a frame goes to the frame buffer, everything else is a pulse.
//
// A packet is one byte of kind, one of number, data, four of check sum (see README.md beside this file).
`default_nettype none

module qu_request_receiver #(
    parameter int unsigned FRAME_BYTES = 4096  // bytes of a frame as the host sends it, at least 1
) (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    // from qu_packet_receiver
    input  wire logic [7:0] data_i,
    input  wire logic       valid_i,
    input  wire logic       end_i,
    input  wire logic       intact_i,
    // to the frame buffer
    output      logic [7:0] frame_data_o,
    output      logic       frame_write_o,
    input  wire logic       frame_full_i,
    output      logic       frame_commit_o,
    output      logic       frame_drop_o,
    input  wire logic       numbers_full_i,  // no further frame can be taken
    // to the replies; each high for one cycle
    output      logic       query_o,
    output      logic       reset_o,
    output      logic       refused_o,
    output      logic [7:0] number_o,        // of the packet; 0 if it was damaged
    output      logic [7:0] reason_o         // with refused_o
);

  if (FRAME_BYTES < 1) begin : g_check_bytes
    $error("%m: FRAME_BYTES must be at least 1");
  end

  localparam logic [7:0] QUERY = 8'h01, RESET = 8'h02, FRAME = 8'h03;
  localparam logic [7:0] DAMAGED = 8'd1, WRONG_LENGTH = 8'd2, NO_ROOM = 8'd3, UNKNOWN = 8'd4;
  localparam int unsigned HEAD_BYTES = 2, CHECK_BYTES = 4;
  localparam int unsigned LONGEST = HEAD_BYTES + FRAME_BYTES + CHECK_BYTES;
  localparam int unsigned COUNT_BITS = $clog2(LONGEST + 2);

  logic [COUNT_BITS-1:0] count;  // bytes of the packet so far, at most LONGEST + 1
  logic [7:0] kind, number;
  logic overflow;  // a byte of the frame found no room

  wire in_frame = count >= COUNT_BITS'(HEAD_BYTES) && count < COUNT_BITS'(HEAD_BYTES + FRAME_BYTES);
  wire whole_frame = count == COUNT_BITS'(LONGEST);
  wire plain = count == COUNT_BITS'(HEAD_BYTES + CHECK_BYTES);

  assign frame_data_o  = data_i;
  assign frame_write_o = valid_i && kind == FRAME && in_frame;

  always_comb begin
    frame_commit_o = 1'b0;
    query_o = 1'b0;
    reset_o = 1'b0;
    refused_o = 1'b0;
    reason_o = 8'd0;
    number_o = number;
    if (end_i) begin
      if (!intact_i) begin
        reason_o = DAMAGED;
        number_o = 8'd0;
      end else begin
        case (kind)
          QUERY: if (plain) query_o = 1'b1; else reason_o = WRONG_LENGTH;
          RESET: if (plain) reset_o = 1'b1; else reason_o = WRONG_LENGTH;
          FRAME: begin
            if (!whole_frame) reason_o = WRONG_LENGTH;
            else if (overflow || numbers_full_i) reason_o = NO_ROOM;
            else frame_commit_o = 1'b1;
          end
          default: reason_o = UNKNOWN;
        endcase
      end
      refused_o = reason_o != 8'd0;
    end
    frame_drop_o = end_i && !frame_commit_o;
  end

  always_ff @(posedge clk_i) begin
    if (valid_i && count == '0) kind <= data_i;
    if (valid_i && count == COUNT_BITS'(1)) number <= data_i;
    if (rst_i || end_i) begin
      count <= '0;
      overflow <= 1'b0;
    end else if (valid_i) begin
      if (count <= COUNT_BITS'(LONGEST)) count <= count + 1'b1;
      if (frame_write_o && frame_full_i) overflow <= 1'b1;
    end
  end

endmodule

`default_nettype wire
