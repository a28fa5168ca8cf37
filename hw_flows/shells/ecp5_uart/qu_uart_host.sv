// SPDX-License-Identifier: BSD-3-Clause
// The accelerator's link to a host over a serial line: frames in, results out, identity, counters, reset.
//
// README.md beside this file describes the packets. A frame reaches the accelerator only when its check sum was right, so
// the accelerator never sees part of a frame, and what is lost on the line costs the frames that were on it.
`default_nettype none

module qu_uart_host #(
    parameter int unsigned CLOCKS_PER_BIT = 25,  // clock cycles of a bit on the line, at least 4
    parameter int unsigned IN_WORD_BITS = 8,  // bits of a word to the accelerator
    parameter int unsigned IN_SLOT_BYTES = 1,  // bytes that the host sends for it
    parameter int unsigned IN_WORDS = 4096,  // words of a frame
    parameter int unsigned OUT_WORD_BITS = 8,  // bits of a word from the accelerator
    parameter int unsigned OUT_SLOT_BYTES = 1,  // bytes that the host gets for it
    parameter int unsigned OUT_WORDS = 4096,  // words of a result
    parameter int unsigned BUFFER_BITS = 13,  // the frame buffer holds 2**BUFFER_BITS bytes, at least a frame
    parameter logic [63:0] IDENTITY = 64'd0  // which build this is
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic                 rxd_i,              // asynchronous
    output      logic                 txd_o,
    output      logic                 accelerator_rst_o,
    output      logic [ IN_WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready,
    input  wire logic [OUT_WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic                 busy_o,             // a frame is inside
    output      logic                 refused_o           // something was refused since the last reset
);

  localparam int unsigned FRAME_BYTES = IN_WORDS * IN_SLOT_BYTES;
  localparam int unsigned RESULT_BYTES = OUT_WORDS * OUT_SLOT_BYTES;

  if (FRAME_BYTES > 1 << BUFFER_BITS) begin : g_check_buffer
    $error("%m: BUFFER_BITS (%0d) is too small for a frame of %0d bytes", BUFFER_BITS, FRAME_BYTES);
  end

  // --- packets from the host --------------------------------------------------------------------------------------
  logic [7:0] byte_in, packet_byte, request_number, reason;
  logic byte_in_valid, packet_valid, packet_end, packet_intact;
  logic query, reset, refused;

  qu_uart_receiver #(.CLOCKS_PER_BIT(CLOCKS_PER_BIT)) receiver (
      .clk_i, .rst_i, .rxd_i, .data_o(byte_in), .valid_o(byte_in_valid)
  );

  qu_packet_receiver packets_in (
      .clk_i, .rst_i,
      .data_i(byte_in), .valid_i(byte_in_valid),
      .data_o(packet_byte), .valid_o(packet_valid), .end_o(packet_end), .intact_o(packet_intact)
  );

  logic [7:0] frame_byte;
  logic frame_write, frame_full, frame_commit, frame_drop;
  logic [7:0] frame_number;
  logic no_frame, numbers_full;

  qu_request_receiver #(.FRAME_BYTES(FRAME_BYTES)) requests (
      .clk_i, .rst_i,
      .data_i(packet_byte), .valid_i(packet_valid), .end_i(packet_end), .intact_i(packet_intact),
      .frame_data_o(frame_byte), .frame_write_o(frame_write), .frame_full_i(frame_full),
      .frame_commit_o(frame_commit), .frame_drop_o(frame_drop), .numbers_full_i(numbers_full),
      .query_o(query), .reset_o(reset), .refused_o(refused), .number_o(request_number), .reason_o(reason)
  );

  // --- reset: of everything but the way of packets from the host, for RESET_CYCLES ------------------------------------
  localparam int unsigned RESET_CYCLES = 64;
  logic [$clog2(RESET_CYCLES)-1:0] reset_left;
  logic [7:0] reset_number;
  wire reset_done = reset_left == 1 && !rst_i;

  always_ff @(posedge clk_i) begin
    if (reset) reset_number <= request_number;
    if (rst_i) begin
      reset_left <= '0;
      accelerator_rst_o <= 1'b1;
    end else begin
      if (reset) reset_left <= '1;
      else if (reset_left != '0) reset_left <= reset_left - 1'b1;
      accelerator_rst_o <= reset || reset_left > 1;
    end
  end

  // --- frames to the accelerator ----------------------------------------------------------------------------------
  logic [7:0] buffer_byte;
  logic buffer_valid, buffer_ready;

  qu_frame_buffer #(.ADDRESS_BITS(BUFFER_BITS)) buffer (
      .clk_i, .rst_i(accelerator_rst_o),
      .data_i(frame_byte), .write_i(frame_write), .full_o(frame_full),
      .commit_i(frame_commit), .drop_i(frame_drop),
      .m_axis_tdata(buffer_byte), .m_axis_tvalid(buffer_valid), .m_axis_tready(buffer_ready)
  );

  qu_bytes_to_words #(.WORD_BITS(IN_WORD_BITS), .SLOT_BYTES(IN_SLOT_BYTES)) words_in (
      .clk_i, .rst_i(accelerator_rst_o),
      .s_axis_tdata(buffer_byte), .s_axis_tvalid(buffer_valid), .s_axis_tready(buffer_ready),
      .m_axis_tdata, .m_axis_tvalid, .m_axis_tready
  );

  // --- results and replies to the host ----------------------------------------------------------------------------
  logic [7:0] result_byte, reply_byte, byte_out;
  logic result_valid, result_ready, reply_last, reply_valid, reply_ready, byte_out_valid, byte_out_ready;
  logic answered;
  logic [15:0] taken_count, answered_count, refused_count;

  qu_words_to_bytes #(.WORD_BITS(OUT_WORD_BITS), .SLOT_BYTES(OUT_SLOT_BYTES)) words_out (
      .clk_i, .rst_i(accelerator_rst_o),
      .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tdata(result_byte), .m_axis_tvalid(result_valid), .m_axis_tready(result_ready)
  );

  qu_frame_numbers numbers (
      .clk_i, .rst_i(accelerator_rst_o),
      .number_i(request_number), .push_i(frame_commit), .pop_i(answered),
      .number_o(frame_number), .empty_o(no_frame), .full_o(numbers_full)
  );

  qu_reply_sender #(.RESULT_BYTES(RESULT_BYTES), .IDENTITY(IDENTITY)) replies (
      .clk_i, .rst_i(accelerator_rst_o),
      .query_i(query), .reset_done_i(reset_done), .refused_i(refused),
      .number_i(reset_done ? reset_number : request_number), .reason_i(reason),
      .taken_i(taken_count), .answered_i(answered_count), .refusals_i(refused_count),
      .frame_number_i(frame_number), .frame_valid_i(!no_frame), .frame_answered_o(answered),
      .s_axis_tdata(result_byte), .s_axis_tvalid(result_valid), .s_axis_tready(result_ready),
      .m_axis_tdata(reply_byte), .m_axis_tlast(reply_last), .m_axis_tvalid(reply_valid), .m_axis_tready(reply_ready)
  );

  qu_packet_transmitter packets_out (
      .clk_i, .rst_i(accelerator_rst_o),
      .s_axis_tdata(reply_byte), .s_axis_tlast(reply_last), .s_axis_tvalid(reply_valid), .s_axis_tready(reply_ready),
      .m_axis_tdata(byte_out), .m_axis_tvalid(byte_out_valid), .m_axis_tready(byte_out_ready)
  );

  // not reset with the accelerator: a byte that is on the line goes out whole
  qu_uart_transmitter #(.CLOCKS_PER_BIT(CLOCKS_PER_BIT)) transmitter (
      .clk_i, .rst_i,
      .s_axis_tdata(byte_out), .s_axis_tvalid(byte_out_valid), .s_axis_tready(byte_out_ready), .txd_o
  );

  always_ff @(posedge clk_i) begin
    if (accelerator_rst_o) begin
      taken_count <= '0;
      answered_count <= '0;
      refused_count <= '0;
    end else begin
      if (frame_commit) taken_count <= taken_count + 1'b1;
      if (answered) answered_count <= answered_count + 1'b1;
      if (refused) refused_count <= refused_count + 1'b1;
    end
  end

  assign busy_o = !no_frame;
  assign refused_o = refused_count != '0;

endmodule

`default_nettype wire
