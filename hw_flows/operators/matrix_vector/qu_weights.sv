// SPDX-License-Identifier: BSD-3-Clause
// Weight memory: one word per cycle, read with a register; a single word is a constant.
`default_nettype none

module qu_weights #(
    parameter int unsigned WORDS = 16,   // at least 1
    parameter int unsigned WORD_BITS = 16,   // bits of a word
    parameter int unsigned BLOCK_RAM = 0,    // 1: block memory, 0: LUTs
    parameter MEMORY_FILE = ""           // for $readmemh
) (
    input  wire logic                                       clk_i,
    input  wire logic                                       advance_i,
    input  wire logic [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] address_i,
    output      logic [WORD_BITS-1:0]                           word_o
);

  if (WORDS == 1) begin : g_constant
    // Without a register, so that synthesis sees the values in what follows.
    logic [WORD_BITS-1:0] words[1];
    initial $readmemh(MEMORY_FILE, words);
    wire unused = &{1'b0, clk_i, advance_i, address_i};
    assign word_o = words[0];
  end else if (BLOCK_RAM != 0) begin : g_block
    (* rom_style = "block" *) logic [WORD_BITS-1:0] words[WORDS];
    initial $readmemh(MEMORY_FILE, words);
    always_ff @(posedge clk_i) if (advance_i) word_o <= words[address_i];
  end else begin : g_logic
    (* logic_block *) logic [WORD_BITS-1:0] words[WORDS];
    initial $readmemh(MEMORY_FILE, words);
    always_ff @(posedge clk_i) if (advance_i) word_o <= words[address_i];
  end

endmodule

`default_nettype wire
