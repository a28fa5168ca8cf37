// SPDX-License-Identifier: BSD-3-Clause
// Frame buffer: committed bytes come out once, in order; dropped ones never; what is full loses nothing that was taken.
//
// A byte is followed from its write: either it is dropped, or it is committed and comes out behind the committed bytes
// that were written before it.
`default_nettype none

module frame_buffer_bench #(
    parameter int unsigned ADDRESS_BITS = 2
) (
    input wire logic       clk_i,
    input wire logic       rst_i,
    input wire logic       choose_i,  // free: this byte is followed
    input wire logic [7:0] data_i,
    input wire logic       write_i,
    input wire logic       commit_i,
    input wire logic       drop_i,
    input wire logic       m_axis_tready
);

  localparam int unsigned BYTES = 1 << ADDRESS_BITS;
  localparam int unsigned BITS = ADDRESS_BITS + 2;

  logic full_o, m_axis_tvalid, off;
  logic [7:0] m_axis_tdata, word;
  logic [BITS-1:0] open;       // bytes written since the last commit or drop
  logic [BITS-1:0] committed;  // bytes committed and not given out
  logic [BITS-1:0] queued;     // bytes to be given out before the followed one, once that is committed
  logic followed, sure;        // a byte is followed; it is committed

  qu_frame_buffer #(.ADDRESS_BITS(ADDRESS_BITS)) dut (.*);

  environment free (.clk_i, .rst_i, .constant_i(1'b0), .off_o(off));
  stream_rules #(.WORD_BITS(8)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));

  wire take = write_i && !full_o;
  wire pop = m_axis_tvalid && m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (off) begin
      open <= '0;
      committed <= '0;
      followed <= 1'b0;
      sure <= 1'b0;
    end else begin
      open <= commit_i || drop_i ? '0 : open + BITS'(take);
      committed <= committed + (commit_i ? open : '0) - BITS'(pop);
      if (take && choose_i && !followed) begin
        followed <= 1'b1;
        sure <= 1'b0;
        word <= data_i;
        queued <= committed + open - BITS'(pop);
      end else if (followed) begin
        if (commit_i) sure <= 1'b1;
        if (drop_i && !sure) followed <= 1'b0;
        if (pop && queued == '0) followed <= 1'b0;
        else if (pop) queued <= queued - 1'b1;
      end
    end
  end

  responds #(.CYCLES(2)) prompt (.clk_i, .rst_i(off), .due_i(committed != '0), .event_i(m_axis_tvalid));

  always_comb begin
    // What the module's ports ask of their user.
    assume (!(commit_i && (write_i || drop_i)) && !(drop_i && write_i));
    if (!off) begin
      if (m_axis_tvalid && followed && queued == '0) order : assert (sure && m_axis_tdata == word);
      nothing_invented : assert (!m_axis_tvalid || committed != '0);
      // One byte more fits while the oldest waits in the register of the output.
      capacity : assert (full_o == (committed + open - BITS'(m_axis_tvalid) == BITS'(BYTES)));
      dropped : cover (drop_i && followed && !sure);
      followed_out : cover (pop && followed && sure && queued == '0);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

  // Invariants that close induction: what the pointers count, and where the followed byte lies.
  wire [ADDRESS_BITS-1:0] at = dut.taken[ADDRESS_BITS-1:0] + queued[ADDRESS_BITS-1:0] - ADDRESS_BITS'(m_axis_tvalid);
  always_comb begin
    if (!off) begin
      counted_open : assert (open == BITS'((ADDRESS_BITS + 1)'(dut.written - dut.committed)));
      counted : assert (committed == BITS'((ADDRESS_BITS + 1)'(dut.committed - dut.taken)) + BITS'(m_axis_tvalid));
      room : assert (committed + open - BITS'(m_axis_tvalid) <= BITS'(BYTES));
      if (followed && sure) among_committed : assert (queued < committed);
      if (followed && !sure) among_open : assert (queued >= committed && queued < committed + open);
      if (followed && !(m_axis_tvalid && queued == '0)) place : assert (dut.memory[at] == word);
      if (followed && m_axis_tvalid && queued == '0) offered : assert (m_axis_tdata == word);
    end
  end

endmodule

`default_nettype wire
