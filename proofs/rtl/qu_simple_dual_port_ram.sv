// SPDX-License-Identifier: BSD-3-Clause
// Stands in for the operators' qu_simple_dual_port_ram: what it leaves undefined is anything here.
//
// Reading a word at the edge that writes it gives a free value, so a proof with this model shows that the user of the memory
// never needs that word. Content at power-up is free too.
`default_nettype none

module qu_simple_dual_port_ram #(
    parameter int unsigned WORD_BITS = 8,      // bits of a word, at least 1
    parameter int unsigned DEPTH = 64,     // words, at least 2
    parameter int unsigned BLOCK_RAM = 0,  // makes no difference here
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

  logic [WORD_BITS-1:0] memory[DEPTH];
  logic [WORD_BITS-1:0] undefined;

  anything #(.WORD_BITS(WORD_BITS)) free (.value_o(undefined));

  always_ff @(posedge clk_i) begin
    if (write_i) memory[write_address_i] <= write_data_i;
    if (read_i) begin
      if (write_i && write_address_i == read_address_i) read_data_o <= undefined;
      else read_data_o <= memory[read_address_i];
    end
  end

endmodule

`default_nettype wire
