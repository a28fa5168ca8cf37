// FIFO in block memory at the stream's own width; a word comes out two cycles after it went in.
//
// The memory's output register is the last place of the FIFO: a word read ahead waits there, so the memory itself holds
// DEPTH - 1 words. A word is read at the earliest in the cycle after it was written: read and write never meet.
`default_nettype none

module fifo_block #(
    parameter int unsigned WIDTH = 8,    // bits of a word, at least 1
    parameter int unsigned DEPTH = 1024  // capacity in words, at least 3
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WIDTH-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WIDTH-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  localparam int unsigned WORDS = DEPTH - 1;
  localparam int unsigned ADDRESS_BITS = $clog2(WORDS);
  localparam int unsigned COUNT_BITS = $clog2(DEPTH + 1);

  (* ram_style = "block", no_rw_check *) logic [WIDTH-1:0] words [WORDS];
  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic [COUNT_BITS-1:0] count;  // all words, the one in m_axis_tdata included
  wire push = s_axis_tvalid && s_axis_tready;
  wire pop = m_axis_tvalid && m_axis_tready;
  wire stored = m_axis_tvalid ? count > COUNT_BITS'(1) : count != '0;  // the memory holds a word
  wire read = stored && (!m_axis_tvalid || m_axis_tready);

  assign s_axis_tready = count != COUNT_BITS'(DEPTH);

  function automatic logic [ADDRESS_BITS-1:0] next(input logic [ADDRESS_BITS-1:0] address);
    return address == ADDRESS_BITS'(WORDS - 1) ? '0 : address + 1'b1;
  endfunction

  always_ff @(posedge clk_i) begin
    if (push) words[write_address] <= s_axis_tdata;
    if (read) m_axis_tdata <= words[read_address];
    if (push) write_address <= next(write_address);
    if (read) read_address <= next(read_address);
    if (push != pop) count <= push ? count + 1'b1 : count - 1'b1;
    if (m_axis_tready || read) m_axis_tvalid <= read;
    if (rst_i) begin
      write_address <= '0;
      read_address <= '0;
      count <= '0;
      m_axis_tvalid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
