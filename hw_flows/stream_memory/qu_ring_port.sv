// SPDX-License-Identifier: BSD-3-Clause
// Writes bursts of several streams to memory and reads them back, through one AXI3 or AXI4 port.
//
// All bursts are INCR, of BURST whole rows, at addresses that their size divides, under one ID: responses come in order, and no
// burst crosses 4 KiB. What comes is always taken. AXI has no order between its channels: a burst is read only when its write
// has been answered (written_o), and its place written again only when all of it has been read (whole_o).
// run_i low: no burst is begun any more, those under way are ended and dropped, and idle_o rises. What the streams connect must
// be reset while running_o is low, and so must the streams.
// The first fault stops all until the next run: no burst is begun, and none is told to be written or whole.
`default_nettype none

module qu_ring_port #(
    parameter int unsigned STREAMS = 2,        // at least 1
    parameter int unsigned BUS_BITS = 64,      // bits of a row, a power of two from 8 on
    parameter int unsigned BURST = 16,         // rows of a burst, a power of two from 2 to 16
    parameter int unsigned OUTSTANDING = 8,    // bursts that are begun and not complete, of writes and of reads each, at least 1
    parameter int unsigned ADDRESS_BITS = 32,  // of a byte address
    parameter int unsigned BLOCK_BITS = 8,     // of a burst's number in the memory of all rings
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1
) (
    input  wire logic                          clk_i,
    input  wire logic                          rst_i,    // only while nothing is under way
    input  wire logic                          run_i,
    output      logic                          running_o,
    output      logic                          idle_o,
    input  wire logic [      ADDRESS_BITS-1:0] base_i,   // of the rings, a multiple of a burst (lower bits count as 0); steady while not idle
    output      logic [                   2:0] fault_o,  // since run_i: {unasked response or wrong RLAST, error of a read, of a write}
    output      logic [       STREAM_BITS-1:0] fault_stream_o,  // that the first fault was in
    output      logic [      ADDRESS_BITS-1:0] m_axi_awaddr,
    output      logic [     $clog2(BURST)-1:0] m_axi_awlen,
    output      logic                          m_axi_awvalid,
    input  wire logic                          m_axi_awready,
    output      logic [          BUS_BITS-1:0] m_axi_wdata,
    output      logic                          m_axi_wlast,
    output      logic                          m_axi_wvalid,
    input  wire logic                          m_axi_wready,
    input  wire logic [                   1:0] m_axi_bresp,
    input  wire logic                          m_axi_bvalid,
    output      logic                          m_axi_bready,
    output      logic [      ADDRESS_BITS-1:0] m_axi_araddr,
    output      logic [     $clog2(BURST)-1:0] m_axi_arlen,
    output      logic                          m_axi_arvalid,
    input  wire logic                          m_axi_arready,
    input  wire logic [          BUS_BITS-1:0] m_axi_rdata,
    input  wire logic [                   1:0] m_axi_rresp,
    input  wire logic                          m_axi_rlast,
    input  wire logic                          m_axi_rvalid,
    output      logic                          m_axi_rready,
    // See qu_ring_stream; the first stream lowest.
    input  wire logic [           STREAMS-1:0] want_write_i,
    output      logic [           STREAMS-1:0] write_o,
    input  wire logic [STREAMS*BLOCK_BITS-1:0] write_block_i,
    input  wire logic [  STREAMS*BUS_BITS-1:0] write_row_i,
    output      logic [           STREAMS-1:0] write_take_o,
    output      logic [           STREAMS-1:0] written_o,
    input  wire logic [           STREAMS-1:0] want_read_i,
    output      logic [           STREAMS-1:0] read_o,
    input  wire logic [STREAMS*BLOCK_BITS-1:0] read_block_i,
    output      logic [          BUS_BITS-1:0] row_o,
    output      logic [           STREAMS-1:0] row_valid_o,
    output      logic [           STREAMS-1:0] whole_o
);

  localparam int unsigned BEAT_BITS = $clog2(BURST);
  localparam int unsigned SHIFT = $clog2(BURST * BUS_BITS / 8);  // from a burst's number to its offset
  localparam logic [BEAT_BITS-1:0] LAST_BEAT = BEAT_BITS'(BURST - 1);

  if (STREAMS < 1 || OUTSTANDING < 1) begin : g_check_sizes
    $error("%m: STREAMS and OUTSTANDING must be at least 1");
  end
  if (BURST < 2 || BURST > 16 || BURST != 2 ** $clog2(BURST) || BUS_BITS < 8 || BUS_BITS != 2 ** $clog2(BUS_BITS)) begin : g_check_burst
    $error("%m: BURST (%0d) and BUS_BITS (%0d) must be powers of two, BURST 2 to 16, BUS_BITS at least 8", BURST, BUS_BITS);
  end
  if (BLOCK_BITS + SHIFT > ADDRESS_BITS) begin : g_check_address
    $error("%m: BLOCK_BITS (%0d) are too many for ADDRESS_BITS (%0d)", BLOCK_BITS, ADDRESS_BITS);
  end

  function automatic logic [ADDRESS_BITS-1:0] address_of(input logic [BLOCK_BITS-1:0] block);
    return {base_i[ADDRESS_BITS-1:SHIFT] + (ADDRESS_BITS - SHIFT)'(block), {SHIFT{1'b0}}};
  endfunction
  wire unused = &{1'b0, base_i[SHIFT-1:0]};

  // --- start and stop ---------------------------------------------------------------------------------------------------
  typedef enum logic [1:0] {IDLE, RUN, DRAIN} state_t;
  state_t state;
  logic sending, writes_under_way, reads_under_way;
  assign running_o = state == RUN;
  assign idle_o = state == IDLE;
  always_ff @(posedge clk_i) begin
    if (rst_i) state <= IDLE;
    else begin
      case (state)
        IDLE: if (run_i) state <= RUN;
        RUN: if (!run_i) state <= DRAIN;
        default: if (!sending && !writes_under_way && !reads_under_way) state <= IDLE;
      endcase
    end
  end
  wire good = running_o && fault_o == '0;

  // --- writing: one burst at a time gives its rows, its address goes out meanwhile ------------------------------------------
  logic write_free;
  logic [BEAT_BITS-1:0] sent;
  logic [STREAMS-1:0] write_choice, sender, writer_mask;
  logic [STREAM_BITS-1:0] write_stream, writer;  // of the burst that is begun, and of the one that is answered next
  wire write_any = want_write_i != '0;
  wire write_start = good && run_i && write_any && write_free && !sending && (!m_axi_awvalid || m_axi_awready);
  wire send = sending && (!m_axi_wvalid || m_axi_wready);
  assign write_o = write_start ? write_choice : '0;
  assign write_take_o = send ? sender : '0;
  assign m_axi_awlen = LAST_BEAT;
  qu_ring_turn #(.STREAMS(STREAMS)) write_turn (
      .clk_i,
      .rst_i,
      .want_i(want_write_i),
      .take_i(write_start),
      .choice_o(write_choice),
      .stream_o(write_stream)
  );

  logic [BLOCK_BITS-1:0] write_block, read_block;
  logic [BUS_BITS-1:0] write_row;
  logic [STREAMS-1:0] read_choice;
  always_comb begin
    write_block = '0;
    read_block = '0;
    write_row = '0;
    for (int s = 0; s < STREAMS; s++) begin
      if (write_choice[s]) write_block |= write_block_i[s*BLOCK_BITS+:BLOCK_BITS];
      if (read_choice[s]) read_block |= read_block_i[s*BLOCK_BITS+:BLOCK_BITS];
      if (sender[s]) write_row |= write_row_i[s*BUS_BITS+:BUS_BITS];
    end
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) m_axi_awvalid <= 1'b0;
    else if (!m_axi_awvalid || m_axi_awready) m_axi_awvalid <= write_start;
    if (write_start) m_axi_awaddr <= address_of(write_block);
    if (rst_i) sending <= 1'b0;
    else if (write_start) sending <= 1'b1;
    else if (send && sent == LAST_BEAT) sending <= 1'b0;
    if (write_start) sender <= write_choice;
    if (rst_i) sent <= '0;
    else if (send) sent <= sent + 1'b1;
    if (rst_i) m_axi_wvalid <= 1'b0;
    else if (!m_axi_wvalid || m_axi_wready) m_axi_wvalid <= sending;
    if (send) begin
      m_axi_wdata <= write_row;
      m_axi_wlast <= sent == LAST_BEAT;
    end
  end

  logic answer_valid, answer_error;
  assign m_axi_bready = 1'b1;
  always_ff @(posedge clk_i) begin
    answer_valid <= m_axi_bvalid && !rst_i;
    answer_error <= m_axi_bresp != 2'b00;
  end
  qu_fifo #(.WORD_BITS(STREAM_BITS), .DEPTH(OUTSTANDING), .STYLE(0)) writers (
      .clk_i,
      .rst_i,
      .s_axis_tdata(write_stream),
      .s_axis_tvalid(write_start),
      .s_axis_tready(write_free),
      .m_axis_tdata(writer),
      .m_axis_tvalid(writes_under_way),
      .m_axis_tready(answer_valid)
  );
  assign writer_mask = STREAMS'(1) << writer;
  assign written_o = good && answer_valid && writes_under_way && !answer_error ? writer_mask : '0;

  // --- reading: whoever wants a burst has room for all of it ----------------------------------------------------------------
  logic read_free, row_valid, row_error, row_rlast;
  logic [BEAT_BITS-1:0] row;
  logic [STREAM_BITS-1:0] read_stream, reader;
  wire read_start = good && run_i && want_read_i != '0 && read_free && (!m_axi_arvalid || m_axi_arready);
  assign read_o = read_start ? read_choice : '0;
  assign m_axi_arlen = LAST_BEAT;
  assign m_axi_rready = 1'b1;
  qu_ring_turn #(.STREAMS(STREAMS)) read_turn (
      .clk_i,
      .rst_i,
      .want_i(want_read_i),
      .take_i(read_start),
      .choice_o(read_choice),
      .stream_o(read_stream)
  );
  always_ff @(posedge clk_i) begin
    if (rst_i) m_axi_arvalid <= 1'b0;
    else if (!m_axi_arvalid || m_axi_arready) m_axi_arvalid <= read_start;
    if (read_start) m_axi_araddr <= address_of(read_block);
    row_valid <= m_axi_rvalid && !rst_i;
    row_o <= m_axi_rdata;
    row_error <= m_axi_rresp != 2'b00;
    row_rlast <= m_axi_rlast;
    if (rst_i) row <= '0;
    else if (row_valid && reads_under_way) row <= row + 1'b1;
  end
  wire row_last = row == LAST_BEAT;
  wire row_wrong_last = row_rlast != row_last;
  qu_fifo #(.WORD_BITS(STREAM_BITS), .DEPTH(OUTSTANDING), .STYLE(0)) readers (
      .clk_i,
      .rst_i,
      .s_axis_tdata(read_stream),
      .s_axis_tvalid(read_start),
      .s_axis_tready(read_free),
      .m_axis_tdata(reader),
      .m_axis_tvalid(reads_under_way),
      .m_axis_tready(row_valid && row_last)
  );
  wire [STREAMS-1:0] reader_mask = STREAMS'(1) << reader;
  assign row_valid_o = row_valid && reads_under_way ? reader_mask : '0;
  assign whole_o = good && row_last && !row_error && !row_wrong_last ? row_valid_o : '0;

  // --- faults -------------------------------------------------------------------------------------------------------------
  wire answer_unasked = answer_valid && !writes_under_way;
  wire row_unasked = row_valid && !reads_under_way;
  wire row_wrong = row_valid && (row_error || row_wrong_last);
  always_ff @(posedge clk_i) begin
    if (rst_i || (idle_o && run_i)) fault_o <= '0;
    else if (running_o)
      fault_o <= fault_o | {answer_unasked || row_unasked || (row_valid && row_wrong_last), row_valid && row_error, answer_valid && answer_error};
    if (fault_o == '0) fault_stream_o <= row_wrong ? reader : writer;
  end

endmodule

`default_nettype wire
