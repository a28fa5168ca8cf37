// SPDX-License-Identifier: BSD-3-Clause
// Port of streams that wait in memory: keeps the rules of AXI, tells each stream what came of its bursts, in order, and after the
// first fault nothing more; it ends when told to, with nothing under way. The memory answers when it likes, and what it likes.
`default_nettype none

module ring_port_bench #(
    parameter int unsigned STREAMS = 2,
    parameter int unsigned BURST = 2,
    parameter int unsigned OUTSTANDING = 2,
    localparam int unsigned STREAM_BITS = STREAMS > 1 ? $clog2(STREAMS) : 1,
    localparam int unsigned BEAT_BITS = $clog2(BURST)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic                 choose_read_i,
    input wire logic [          5:0] base_i,         // free constant
    input wire logic                 run_i,
    input wire logic [  STREAMS-1:0] want_write_i,
    input wire logic [  STREAMS-1:0] want_read_i,
    input wire logic [STREAMS*2-1:0] write_block_i,
    input wire logic [STREAMS*2-1:0] read_block_i,
    input wire logic [STREAMS*8-1:0] write_row_i,
    input wire logic                 m_axi_awready,
    input wire logic                 m_axi_wready,
    input wire logic                 m_axi_arready,
    input wire logic                 answer_free_i,
    input wire logic [          1:0] m_axi_bresp,
    input wire logic                 row_free_i,
    input wire logic [          1:0] m_axi_rresp,
    input wire logic                 m_axi_rlast
);

  localparam int unsigned COUNT_BITS = $clog2(OUTSTANDING + 2);
  logic off, running_o, idle_o;
  logic [2:0] fault_o;
  logic [STREAM_BITS-1:0] fault_stream_o;
  logic [5:0] m_axi_awaddr, m_axi_araddr;
  logic [BEAT_BITS-1:0] m_axi_awlen, m_axi_arlen;
  logic m_axi_awvalid, m_axi_wvalid, m_axi_wlast, m_axi_bready, m_axi_arvalid, m_axi_rready;
  logic [7:0] m_axi_wdata, row_o;
  logic [STREAMS-1:0] write_o, write_take_o, written_o, read_o, row_valid_o, whole_o;

  // The memory: bursts of which it has the address, or all data, and beats that it owes.
  logic [COUNT_BITS-1:0] addressed, filled, owed;
  logic [BEAT_BITS-1:0] beat, sent;
  wire address_taken = m_axi_awvalid && m_axi_awready;
  wire word_taken = m_axi_wvalid && m_axi_wready;
  wire m_axi_bvalid = addressed != '0 && filled != '0 && answer_free_i;
  wire m_axi_rvalid = owed != '0 && row_free_i;
  wire beat_last = beat == BEAT_BITS'(BURST - 1);

  qu_ring_port #(
      .STREAMS(STREAMS), .BUS_BITS(8), .BURST(BURST), .OUTSTANDING(OUTSTANDING), .ADDRESS_BITS(6), .BLOCK_BITS(2)) dut (.*, .m_axi_rdata('0));

  environment #(.CONSTANT_BITS(6)) free (.clk_i, .rst_i, .constant_i(base_i), .off_o(off));
  stream_rules #(.WORD_BITS(6)) aw_rules (.clk_i, .rst_i(off), .tdata(m_axi_awaddr), .tvalid(m_axi_awvalid), .tready(m_axi_awready));
  stream_rules #(.WORD_BITS(9)) w_rules (
      .clk_i, .rst_i(off), .tdata({m_axi_wlast, m_axi_wdata}), .tvalid(m_axi_wvalid), .tready(m_axi_wready));
  stream_rules #(.WORD_BITS(6)) ar_rules (.clk_i, .rst_i(off), .tdata(m_axi_araddr), .tvalid(m_axi_arvalid), .tready(m_axi_arready));

  // What each stream is told belongs to its own burst: bursts begun and bursts ended are in the same order.
  function automatic logic [STREAM_BITS-1:0] number(input logic [STREAMS-1:0] mask);
    number = '0;
    for (int s = 0; s < STREAMS; s++) if (mask[s]) number = STREAM_BITS'(s);
  endfunction
  logic write_followed, read_followed, write_seen, read_seen, answered, came, came_last, came_right, read_fault;
  logic [STREAM_BITS-1:0] writer, reader, faulty_reader;
  scoreboard #(.WORD_BITS(STREAM_BITS), .FRAMES(OUTSTANDING)) writes (
      .clk_i, .rst_i(off), .choose_i, .place_i(1'b0), .s_axis_tdata(number(write_o)), .s_axis_tvalid(write_o != '0),
      .s_axis_tready(1'b1), .m_axis_tvalid(answered), .m_axis_tready(1'b1), .followed_o(write_followed), .coming_o(), .seen_o(write_seen),
      .word_o(writer), .in_index_o(), .out_index_o(), .ahead_o());
  scoreboard #(.WORD_BITS(STREAM_BITS), .FRAMES(OUTSTANDING)) reads (
      .clk_i, .rst_i(off), .choose_i(choose_read_i), .place_i(1'b0), .s_axis_tdata(number(read_o)), .s_axis_tvalid(read_o != '0),
      .s_axis_tready(1'b1), .m_axis_tvalid(came_last), .m_axis_tready(1'b1), .followed_o(read_followed), .coming_o(),
      .seen_o(read_seen), .word_o(reader), .in_index_o(), .out_index_o(), .ahead_o());

  // Verdicts come a cycle later.
  logic answered_right, dirty, begun, asked;
  logic [5:0] expected_write, expected_read;
  logic [STREAMS-1:0] sender;
  logic [BEAT_BITS:0] to_send;  // rows of the burst that was begun last
  logic [7:0] expected_row;
  logic row_sent;
  localparam int unsigned SHIFT = $clog2(BURST);
  always_ff @(posedge clk_i) begin
    if (off) begin
      {addressed, filled, owed, beat, sent, to_send} <= '0;
      {answered, came, came_last, dirty, begun, asked, row_sent, read_fault} <= '0;
    end else begin
      addressed <= addressed + COUNT_BITS'(address_taken) - COUNT_BITS'(m_axi_bvalid);
      filled <= filled + COUNT_BITS'(word_taken && m_axi_wlast) - COUNT_BITS'(m_axi_bvalid);
      owed <= owed + COUNT_BITS'(m_axi_arvalid && m_axi_arready) - COUNT_BITS'(m_axi_rvalid && beat_last);
      beat <= beat + BEAT_BITS'(m_axi_rvalid);
      sent <= sent + BEAT_BITS'(word_taken);
      answered <= m_axi_bvalid;
      came <= m_axi_rvalid;
      came_last <= m_axi_rvalid && beat_last;
      if (idle_o) dirty <= 1'b0;
      else dirty <= dirty || (answered && !answered_right) || (came && !came_right);
      read_fault <= running_o && !dirty && came && !came_right && read_followed && read_seen;
      begun <= write_o != '0;
      asked <= read_o != '0;
      if (write_o != '0) to_send <= (BEAT_BITS + 1)'(BURST);
      else if (write_take_o != '0) to_send <= to_send - 1'b1;
      row_sent <= write_take_o != '0;
    end
    answered_right <= m_axi_bresp == 2'b00;
    came_right <= m_axi_rresp == 2'b00 && m_axi_rlast == beat_last;
    faulty_reader <= reader;
    if (write_o != '0) sender <= write_o;
    for (int s = 0; s < STREAMS; s++) begin
      if (write_o[s]) expected_write <= {base_i[5:SHIFT], {SHIFT{1'b0}}} + {4'(write_block_i[s*2+:2]), {SHIFT{1'b0}}};
      if (read_o[s]) expected_read <= {base_i[5:SHIFT], {SHIFT{1'b0}}} + {4'(read_block_i[s*2+:2]), {SHIFT{1'b0}}};
      if (write_take_o[s]) expected_row <= write_row_i[s*8+:8];
    end
  end

  responds #(.CYCLES(16)) ends (
      .clk_i, .rst_i(off || run_i || (m_axi_awvalid && !m_axi_awready) || (m_axi_wvalid && !m_axi_wready) || (m_axi_arvalid && !m_axi_arready)
          || (addressed != '0 && filled != '0 && !answer_free_i) || (owed != '0 && !row_free_i)),
      .due_i(!idle_o), .event_i(idle_o));
  // Somebody who wants a burst gets one as soon as the bus and the limit of bursts allow it.
  responds #(.CYCLES(BURST + 3)) writes_prompt (
      .clk_i, .rst_i(off || !running_o || !run_i || fault_o != '0 || (m_axi_awvalid && !m_axi_awready) || (m_axi_wvalid && !m_axi_wready)
          || !dut.write_free),
      .due_i(want_write_i != '0), .event_i(write_o != '0));
  responds #(.CYCLES(2)) reads_prompt (
      .clk_i, .rst_i(off || !running_o || !run_i || fault_o != '0 || (m_axi_arvalid && !m_axi_arready) || !dut.read_free),
      .due_i(want_read_i != '0), .event_i(read_o != '0));

  always_comb begin
    if (!off) begin
      taken : assert (m_axi_bready && m_axi_rready);
      if (m_axi_wvalid) wlast : assert (m_axi_wlast == (sent == BEAT_BITS'(BURST - 1)));
      lengths : assert (32'(m_axi_awlen) == BURST - 1 && 32'(m_axi_arlen) == BURST - 1);
      wanted : assert ((write_o & ~want_write_i) == '0 && (read_o & ~want_read_i) == '0 && $onehot0(write_o) && $onehot0(read_o));
      if (begun) write_address : assert (m_axi_awvalid && m_axi_awaddr == expected_write);
      if (asked) read_address : assert (m_axi_arvalid && m_axi_araddr == expected_read);
      if (write_take_o != '0) rows : assert (write_take_o == sender && to_send != '0);
      if (row_sent) row_data : assert (m_axi_wvalid && m_axi_wdata == expected_row);
      if (write_o != '0) one_at_a_time : assert (to_send == '0);
      // Told exactly where it is so, and to whom it belongs.
      told_written : assert ((written_o != '0) == (answered && answered_right && !dirty && running_o));
      if (answered && write_followed && write_seen && written_o != '0) written : assert (written_o == STREAMS'(1) << writer);
      told_whole : assert ((whole_o != '0) == (came_last && came_right && !dirty && running_o));
      if (came && read_followed && read_seen) whole : assert (row_valid_o == STREAMS'(1) << reader);
      if (whole_o != '0) whole_row : assert (whole_o == row_valid_o);
      comes : assert ((row_valid_o != '0) == came);
      if (dirty && running_o) told : assert (fault_o != '0);
      if (read_fault) told_stream : assert (fault_stream_o == faulty_reader);
      if (fault_o != '0 && running_o) only_faults : assert (dirty);
      if (dirty) halts : assert (write_o == '0 && read_o == '0 && written_o == '0 && whole_o == '0);
      if (idle_o) quiet : assert (owed == '0 && addressed == '0 && filled == '0 && !m_axi_awvalid && !m_axi_wvalid && !m_axi_arvalid);
      faulty : cover (dirty && running_o && fault_o == 3'b111);
      many : cover (32'(owed) == OUTSTANDING && 32'(addressed) == OUTSTANDING && 32'(filled) == OUTSTANDING);
      ended : cover (idle_o && dirty);
      two : cover (written_o != '0 && whole_o != '0);
    end
  end

endmodule

`default_nettype wire
