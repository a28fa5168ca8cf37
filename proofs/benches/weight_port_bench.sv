// SPDX-License-Identifier: BSD-3-Clause
// Port: whatever the check finds wrong, no frame counts as verified any more that was not whole before; all stops, and ends.
//
// The check may give any verdict (proofs/models). The memory answers in order, when it likes.
`default_nettype none

module weight_port_bench #(
    parameter int unsigned STREAMS = 2,  // at most 2
    parameter int unsigned FRAME_BITS = 1,
    parameter int unsigned DEPTH = 4
) (
    input wire logic               clk_i,
    input wire logic               rst_i,
    input wire logic               run_i,
    input wire logic               leave_i,        // free: a frame leaves
    input wire logic               m_axi_arready,
    input wire logic               m_axi_rvalid,
    input wire logic [STREAMS-1:0] room_i
);

  localparam int unsigned BURST = 4, BLOCK_BITS = 2;
  localparam int unsigned LEAD = 2 ** FRAME_BITS - 1;
  // Regions of 3 and 6 words, read once and twice.
  localparam logic [2*BLOCK_BITS-1:0] FIRST = {2'd1, 2'd0}, LAST = {2'd2, 2'd0};
  localparam logic [3:0] TAIL = {2'd1, 2'd2};
  localparam logic [1:0] LAST_REPEAT = 2'b10;

  logic off, running_o, idle_o, m_axi_arvalid, m_axi_rready, last_o, dirty, was_dirty;
  logic [FRAME_BITS-1:0] frames_i, verified_o, before_last;
  logic [3:0] fault_o;
  logic [15:0] fault_number_o;
  logic [13:0] m_axi_araddr;
  logic [1:0] m_axi_arlen;
  logic [STREAMS-1:0] give_o;
  logic [63:0] word_o;
  logic [2:0] owed;  // beats that the memory still has to give

  qu_weight_port #(
      .STREAMS(STREAMS), .BURST(BURST), .DEPTH(DEPTH), .OUTSTANDING(1), .ADDRESS_BITS(14), .BLOCK_BITS(BLOCK_BITS), .REPEAT_BITS(1),
      .FRAME_BITS(FRAME_BITS), .FIRST(FIRST[STREAMS*BLOCK_BITS-1:0]), .LAST(LAST[STREAMS*BLOCK_BITS-1:0]),
      .TAIL(TAIL[STREAMS*2-1:0]), .LAST_REPEAT(LAST_REPEAT[STREAMS-1:0])) dut (
      .clk_i, .rst_i, .run_i, .running_o, .idle_o, .base_i(14'd0), .frames_i, .verified_o, .fault_o, .fault_number_o,
      .m_axi_araddr, .m_axi_arlen, .m_axi_arvalid, .m_axi_arready, .m_axi_rdata(64'd0), .m_axi_rresp(2'b00), .m_axi_rlast(1'b0),
      .m_axi_rvalid, .m_axi_rready, .room_i, .give_o, .word_o, .last_o);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));

  wire wrong = dut.check.wrong_o != '0;
  wire step = running_o && verified_o != before_last;
  logic [FRAME_BITS:0] whole[STREAMS];  // frames of which a stream was whole, with nothing wrong before, less those verified
  logic [STREAMS-1:0] clean;
  always_ff @(posedge clk_i) begin
    if (off) begin
      owed <= '0;
      {dirty, was_dirty} <= '0;
      frames_i <= '0;
      before_last <= '0;
    end else begin
      owed <= owed - 3'(m_axi_rvalid) + (m_axi_arvalid && m_axi_arready ? 3'(m_axi_arlen) + 3'd1 : '0);
      dirty <= running_o && (dirty || wrong);
      was_dirty <= dirty && running_o;
      frames_i <= running_o ? frames_i + FRAME_BITS'(leave_i) : '0;
      before_last <= running_o ? verified_o : '0;
    end
  end
  for (genvar s = 0; s < STREAMS; s++) begin : g_stream
    logic repetition;
    wire good = running_o && dut.check.whole_o && 32'(dut.check.stream_o) == s && !dirty && !wrong;
    wire frame_good = good && repetition == LAST_REPEAT[s];
    assign clean[s] = whole[s] != '0;
    always_ff @(posedge clk_i) begin
      if (off || !running_o) begin
        whole[s] <= '0;
        repetition <= 1'b0;
      end else begin
        if (good) repetition <= repetition != LAST_REPEAT[s];
        whole[s] <= whole[s] + (FRAME_BITS + 1)'(frame_good) - (FRAME_BITS + 1)'(step);
      end
    end
  end

  responds #(.CYCLES(16)) ends (
      .clk_i, .rst_i(off || run_i || (m_axi_arvalid && !m_axi_arready) || (owed != '0 && !m_axi_rvalid)), .due_i(!idle_o), .event_i(idle_o));

  always_comb begin
    assume (!m_axi_rvalid || owed != '0);
    assume (!leave_i || (running_o && verified_o != frames_i));  // qu_weight_gate
    if (!off) begin
      if (step) verified : assert (clean == '1);
      taken : assert (m_axi_rready);
      if (dirty) told : assert (fault_o != '0);
      if (was_dirty) halts : assert (!dut.requests.ask && dut.store.choice == '0);
      if (idle_o) quiet : assert (owed == '0 && !m_axi_arvalid && give_o == '0);
      faulty : cover (was_dirty && owed == '0);
      frame_verified : cover (step);
    end
  end

endmodule

`default_nettype wire
