// SPDX-License-Identifier: BSD-3-Clause
// Chooses the next packet for the host and sends its bytes: pending replies first, then the result of a frame.
//
// A result goes out as the accelerator's words come; until it is whole no other reply is sent. Only a reset request ends
// it early (reset of this module): its packet is then cut off, which the host sees by the check sum.
`default_nettype none

module qu_reply_sender #(
    parameter int unsigned RESULT_BYTES = 8192,  // bytes of a result as the host gets it, at least 1
    parameter logic [63:0] IDENTITY = 64'd0      // first byte to the host: the highest
) (
    input  wire logic        clk_i,
    input  wire logic        rst_i,
    // requests, see qu_request_receiver
    input  wire logic        query_i,
    input  wire logic        reset_done_i,
    input  wire logic        refused_i,
    input  wire logic [ 7:0] number_i,
    input  wire logic [ 7:0] reason_i,
    // counters told in the answer to a query
    input  wire logic [15:0] taken_i,
    input  wire logic [15:0] answered_i,
    input  wire logic [15:0] refusals_i,
    // results
    input  wire logic [ 7:0] frame_number_i,    // of the frame whose words come next
    input  wire logic        frame_valid_i,     // there is such a frame
    output      logic        frame_answered_o,  // high for one cycle behind its last byte
    input  wire logic [ 7:0] s_axis_tdata,
    input  wire logic        s_axis_tvalid,
    output      logic        s_axis_tready,
    // to qu_packet_transmitter
    output      logic [ 7:0] m_axis_tdata,
    output      logic        m_axis_tlast,
    output      logic        m_axis_tvalid,
    input  wire logic        m_axis_tready
);

  if (RESULT_BYTES < 1) begin : g_check_bytes
    $error("%m: RESULT_BYTES must be at least 1");
  end

  localparam logic [7:0] QUERY_REPLY = 8'h81, RESET_REPLY = 8'h82, RESULT = 8'h83, REFUSED = 8'h84;
  localparam logic [7:0] VERSION = 8'd1;  // of the protocol
  localparam int unsigned HEAD_BYTES = 17;  // of the longest reply without a result
  localparam int unsigned RESULT_BITS = $clog2(RESULT_BYTES + 1);

  logic query, reset_done, refused;  // replies to send
  logic [7:0] query_number, reset_number, refused_number, reason;

  logic [HEAD_BYTES*8-1:0] head;  // bytes to send, the first one highest
  logic [4:0] head_left;
  logic [RESULT_BITS-1:0] result_left;  // bytes of the result to send behind the head

  wire idle = head_left == '0 && result_left == '0;
  wire sent = m_axis_tvalid && m_axis_tready;

  assign m_axis_tdata = head_left != '0 ? head[HEAD_BYTES*8-1-:8] : s_axis_tdata;
  assign m_axis_tvalid = head_left != '0 || (result_left != '0 && s_axis_tvalid);
  assign m_axis_tlast = head_left == '0 ? result_left == RESULT_BITS'(1) : head_left == 5'd1 && result_left == '0;
  assign s_axis_tready = head_left == '0 && result_left != '0 && m_axis_tready;
  assign frame_answered_o = head_left == '0 && result_left == RESULT_BITS'(1) && sent;

  always_ff @(posedge clk_i) begin
    if (head_left != '0) begin
      if (sent) begin
        head <= head << 8;
        head_left <= head_left - 1'b1;
      end
    end else if (result_left != '0) begin
      if (sent) result_left <= result_left - 1'b1;
    end else if (reset_done) begin
      head <= {RESET_REPLY, reset_number, {HEAD_BYTES - 2{8'd0}}};
      head_left <= 5'd2;
    end else if (query) begin
      head <= {QUERY_REPLY, query_number, VERSION, IDENTITY, taken_i, answered_i, refusals_i};
      head_left <= 5'd17;
    end else if (refused) begin
      head <= {REFUSED, refused_number, reason, {HEAD_BYTES - 3{8'd0}}};
      head_left <= 5'd3;
    end else if (frame_valid_i && s_axis_tvalid) begin
      head <= {RESULT, frame_number_i, {HEAD_BYTES - 2{8'd0}}};
      head_left <= 5'd2;
      result_left <= RESULT_BITS'(RESULT_BYTES);
    end

    if (idle) begin  // the chosen one is no longer pending
      reset_done <= 1'b0;
      if (!reset_done) query <= 1'b0;
      if (!reset_done && !query) refused <= 1'b0;
    end
    if (rst_i) begin
      head_left <= '0;
      result_left <= '0;
      query <= 1'b0;
      reset_done <= 1'b0;
      refused <= 1'b0;
    end
    if (query_i) begin
      query <= 1'b1;
      query_number <= number_i;
    end
    if (reset_done_i) begin
      reset_done <= 1'b1;
      reset_number <= number_i;
    end
    if (refused_i) begin
      refused <= 1'b1;
      refused_number <= number_i;
      reason <= reason_i;
    end
  end

endmodule

`default_nettype wire
