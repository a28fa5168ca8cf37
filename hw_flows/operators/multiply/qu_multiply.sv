// SPDX-License-Identifier: BSD-3-Clause
// Multiplies two streams element by element: s0_axis * s1_axis, modulo 2**OUT_BITS.
//
// s1_axis may be the smaller one, as a gate is: of its words, each block of KEPT is used USES times in a row, for as many words of
// s0_axis. A single word waits at the input until its last use; a longer block is kept in a memory from its first use on, and the
// next block's words wait for the first use of their own. One word out a cycle, two cycles later: operands, then products.
// tready of an input follows m_axis_tready and tvalid of the other input combinationally.
`default_nettype none

module qu_multiply #(
    parameter int unsigned LANES     = 1,  // elements of a word, at least 1
    parameter int unsigned BITS_0    = 4,  // bits of an element of s0_axis, at least 1
    parameter int unsigned SIGNED_0  = 0,  // 1: elements of s0_axis in two's complement
    parameter int unsigned BITS_1    = 4,  // bits of an element of s1_axis, at least 1
    parameter int unsigned SIGNED_1  = 0,  // 1: elements of s1_axis in two's complement
    parameter int unsigned OUT_BITS  = 8,  // bits of an element of the output, 1 to BITS_0 + BITS_1
    parameter int unsigned SINGLE    = 0,  // 1: a word of s1_axis is one element, for all lanes
    parameter int unsigned KEPT      = 1,  // words of a block of s1_axis, at least 1
    parameter int unsigned USES      = 1,  // how often each block is used, at least 1; at least 2 where KEPT is more than 1
    parameter int unsigned USE_DSP   = 0,  // 1: products in DSP slices, 0: in LUTs
    parameter int unsigned BLOCK_RAM = 0,  // 1: a block is kept in block memory, 0: in distributed memory
    localparam int unsigned WORD_1   = (SINGLE != 0 ? 1 : LANES) * BITS_1
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [  LANES*BITS_0-1:0] s0_axis_tdata,
    input  wire logic                      s0_axis_tvalid,
    output      logic                      s0_axis_tready,
    input  wire logic [        WORD_1-1:0] s1_axis_tdata,
    input  wire logic                      s1_axis_tvalid,
    output      logic                      s1_axis_tready,
    output      logic [LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  if (LANES < 1) begin : g_check_lanes
    $error("%m: LANES must be at least 1");
  end
  if (BITS_0 < 1 || BITS_1 < 1 || OUT_BITS < 1 || OUT_BITS > BITS_0 + BITS_1) begin : g_check_bits
    $error("%m: BITS_0 (%0d) and BITS_1 (%0d) must be at least 1, OUT_BITS (%0d) 1 to their sum", BITS_0, BITS_1, OUT_BITS);
  end
  if (SIGNED_0 > 1 || SIGNED_1 > 1 || SINGLE > 1) begin : g_check_flags
    $error("%m: SIGNED_0 (%0d), SIGNED_1 (%0d) and SINGLE (%0d) must be 0 or 1", SIGNED_0, SIGNED_1, SINGLE);
  end
  if (KEPT < 1 || USES < 1 || (KEPT > 1 && USES < 2)) begin : g_check_block
    $error("%m: KEPT (%0d) and USES (%0d) must be at least 1, USES at least 2 for more than one word", KEPT, USES);
  end

  logic advance;  // the last register is empty, or its word is taken
  logic needed;  // the step takes or reads the word at s1_axis
  logic step;  // operands are taken
  logic operands_valid;
  logic last_word, last_use;  // of a block; of the uses of a block
  logic [LANES*BITS_0-1:0] word_0;
  logic [WORD_1-1:0] word_1;

  assign advance        = !m_axis_tvalid || m_axis_tready;
  assign step           = advance && s0_axis_tvalid && (s1_axis_tvalid || !needed);
  assign s0_axis_tready = advance && (s1_axis_tvalid || !needed);

  qu_loop_counter #(.COUNT(USES)) uses (.clk_i, .rst_i, .step_i(step && last_word), .last_o(last_use));

  if (KEPT > 1) begin : g_kept
    localparam int unsigned ADDRESS_BITS = $clog2(KEPT);
    localparam logic [ADDRESS_BITS-1:0] LAST = ADDRESS_BITS'(KEPT - 1);
    logic first;  // use of the block: its words come from s1_axis
    logic fresh;  // the operand came from there
    logic [ADDRESS_BITS-1:0] address;
    logic [WORD_1-1:0] passed, kept;

    assign last_word = address == LAST;
    assign needed = first;
    assign s1_axis_tready = advance && s0_axis_tvalid && first;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        address <= '0;
        first   <= 1'b1;
      end else if (step) begin
        address <= last_word ? '0 : address + 1'b1;
        if (last_word) first <= last_use;
      end
      if (advance) begin
        fresh  <= first;
        passed <= s1_axis_tdata;
      end
    end

    qu_simple_dual_port_ram #(.WORD_BITS(WORD_1), .DEPTH(KEPT), .BLOCK_RAM(BLOCK_RAM)) block (
        .clk_i, .write_i(step && first), .write_address_i(address), .write_data_i(s1_axis_tdata),
        .read_i(step && !first), .read_address_i(address), .read_data_o(kept));

    assign word_1 = fresh ? passed : kept;
  end else begin : g_waits
    assign last_word = 1'b1;
    assign needed = 1'b1;
    assign s1_axis_tready = advance && s0_axis_tvalid && last_use;
    always_ff @(posedge clk_i) if (advance) word_1 <= s1_axis_tdata;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      operands_valid <= 1'b0;
      m_axis_tvalid  <= 1'b0;
    end else if (advance) begin
      operands_valid <= step;
      m_axis_tvalid  <= operands_valid;
    end
    if (advance) word_0 <= s0_axis_tdata;
  end

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    wire [BITS_0-1:0] a = word_0[i*BITS_0+:BITS_0];
    wire [BITS_1-1:0] b = word_1[(SINGLE != 0 ? 0 : i)*BITS_1+:BITS_1];

    if (USE_DSP != 0) begin : g_dsp
      wire signed [BITS_0:0] a_extended = $signed({SIGNED_0 != 0 && a[BITS_0-1], a});
      wire signed [BITS_1:0] b_extended = $signed({SIGNED_1 != 0 && b[BITS_1-1], b});
      (* use_dsp = "yes" *) logic signed [OUT_BITS-1:0] product;
      always_ff @(posedge clk_i) if (advance) product <= OUT_BITS'(a_extended) * OUT_BITS'(b_extended);
      assign m_axis_tdata[i*OUT_BITS+:OUT_BITS] = product;
    end else begin : g_luts
      wire [BITS_0-1:0] a_next = s0_axis_tdata[i*BITS_0+:BITS_0];
      wire sign = SIGNED_0 != 0 && a_next[BITS_0-1];
      logic [BITS_0+1:0] triple;
      logic [OUT_BITS-1:0] product;
      qu_product #(.A_BITS(BITS_0), .A_SIGNED(SIGNED_0), .B_BITS(BITS_1), .B_SIGNED(SIGNED_1), .OUT_BITS(OUT_BITS)) multiplier (
          .a_i(a), .triple_i(triple), .b_i(b), .product_o(product));
      always_ff @(posedge clk_i) begin
        if (advance) begin
          triple <= {{2{sign}}, a_next} + {sign, a_next, 1'b0};
          m_axis_tdata[i*OUT_BITS+:OUT_BITS] <= product;
        end
      end
    end
  end

endmodule

`default_nettype wire
