// SPDX-License-Identifier: BSD-3-Clause
// Keeps the bytes of a frame back until its check sum is known: they are read once committed, or dropped.
//
// A first-in first-out buffer in block memory whose writer works ahead of what the reader may see.
`default_nettype none

module qu_frame_buffer #(
    parameter int unsigned ADDRESS_BITS = 13  // 2**ADDRESS_BITS bytes, 2 to 20
) (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic [7:0] data_i,
    input  wire logic       write_i,   // dropped while full_o
    output      logic       full_o,
    input  wire logic       commit_i,  // all bytes since the last commit may be read; not with write_i
    input  wire logic       drop_i,    // all bytes since the last commit are forgotten; not with write_i or commit_i
    output      logic [7:0] m_axis_tdata,
    output      logic       m_axis_tvalid,
    input  wire logic       m_axis_tready
);

  if (ADDRESS_BITS < 2 || ADDRESS_BITS > 20) begin : g_check_address
    $error("%m: ADDRESS_BITS (%0d) must be 2 to 20", ADDRESS_BITS);
  end

  // One bit more than the address: equal pointers are an empty buffer, pointers 2**ADDRESS_BITS apart a full one.
  logic [ADDRESS_BITS:0] written, committed, taken;
  (* ram_style = "block", no_rw_check *) logic [7:0] memory[1 << ADDRESS_BITS];

  wire read = committed != taken && (!m_axis_tvalid || m_axis_tready);
  assign full_o = written == {~taken[ADDRESS_BITS], taken[ADDRESS_BITS-1:0]};

  always_ff @(posedge clk_i) begin
    if (write_i && !full_o) memory[written[ADDRESS_BITS-1:0]] <= data_i;
    if (read) m_axis_tdata <= memory[taken[ADDRESS_BITS-1:0]];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      written <= '0;
      committed <= '0;
      taken <= '0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (write_i && !full_o) written <= written + 1'b1;
      if (drop_i) written <= committed;
      if (commit_i) committed <= written;
      if (read) taken <= taken + 1'b1;
      if (read || m_axis_tready) m_axis_tvalid <= read;
    end
  end

endmodule

`default_nettype wire
