// SPDX-License-Identifier: BSD-3-Clause
// Memory with one write port and one read port; the read is registered and holds while read_i is low.
//
// A word written at one clock edge can be read from the next one on. Reading a word at the edge that writes it gives an
// undefined value: the users of this module never need it.
`default_nettype none

module qu_simple_dual_port_ram #(
    parameter int unsigned WORD_BITS = 8,   // bits of a word, at least 1
    parameter int unsigned DEPTH = 64,  // words, at least 2
    parameter int unsigned BLOCK_RAM = 0,   // 1: block memory, 0: distributed memory
    localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  wire logic                    clk_i,
    input  wire logic                    write_i,
    input  wire logic [ADDRESS_BITS-1:0] write_address_i,
    input  wire logic [       WORD_BITS-1:0] write_data_i,
    input  wire logic                    read_i,
    input  wire logic [ADDRESS_BITS-1:0] read_address_i,
    output      logic [       WORD_BITS-1:0] read_data_o
);

  if (WORD_BITS < 1) begin : g_check_width
    $error("%m: WORD_BITS must be at least 1");
  end
  if (DEPTH < 2) begin : g_check_depth
    $error("%m: DEPTH must be at least 2");
  end

  if (BLOCK_RAM != 0) begin : g_block
    (* ram_style = "block", no_rw_check *) logic [WORD_BITS-1:0] memory[DEPTH];

    always_ff @(posedge clk_i) begin
      if (write_i) memory[write_address_i] <= write_data_i;
      if (read_i) read_data_o <= memory[read_address_i];
    end
  end else begin : g_distributed
    (* ram_style = "distributed" *) logic [WORD_BITS-1:0] memory[DEPTH];

    always_ff @(posedge clk_i) begin
      if (write_i) memory[write_address_i] <= write_data_i;
      if (read_i) read_data_o <= memory[read_address_i];
    end
  end

endmodule

`default_nettype wire
