// SPDX-License-Identifier: BSD-3-Clause
// Vector-vector unit: each of GROUPS groups of GROUP_IN channels of a window of TAPS pixels gives GROUP_OUT channels, the sums
// of all these elements times constant weights.
//
// Input words hold SIMD taps of PE groups, channels lowest, in the order of the sliding window: tap by tap, all channels of
// one before the next. So NF = GROUPS / PE words follow each other whose sums differ; these lie in a memory between one tap
// and the next. The last tap's words give the output words, those of PE groups each. One word a cycle.
// s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_vector_vector #(
    parameter int unsigned GROUPS = 4,         // at least 1
    parameter int unsigned GROUP_IN = 1,       // input channels of a group, at least 1
    parameter int unsigned GROUP_OUT = 1,      // output channels of a group, at least 1
    parameter int unsigned TAPS = 9,           // pixels of a window, at least 1
    parameter int unsigned PE = 2,             // groups of a word, divides GROUPS
    parameter int unsigned SIMD = 1,           // taps of a word, divides TAPS; more than 1 with PE = GROUPS
    parameter int unsigned IN_BITS = 4,        // bits of an input element
    parameter int unsigned IN_SIGNED = 0,      // 1: input is two's complement
    parameter int unsigned WEIGHT_BITS = 4,    // bits of a weight, two's complement, at least 2
    parameter int unsigned OUT_BITS = 12,      // bits of an output element; sums are taken modulo 2**OUT_BITS
    parameter int unsigned CHAIN = 1,          // products in a chain of adders, at most SIMD x GROUP_IN
    parameter int unsigned BIAS_BITS = 8,      // bits of <prefix>_biases.mem per output, two's complement
    parameter int unsigned BLOCK_WEIGHTS = 0,  // 1: weights in block memory, 0: in LUTs
    parameter int unsigned BLOCK_SUMS = 0,     // 1: sums in block memory, 0: in distributed memory
    parameter MEMORY_PREFIX = ""               // <prefix>_weights.mem: SF x NF words of the weights of each output, lowest first
) (
    input  wire logic                                clk_i,
    input  wire logic                                rst_i,
    input  wire logic [PE*GROUP_IN*SIMD*IN_BITS-1:0] s_axis_tdata,
    input  wire logic                                s_axis_tvalid,
    output      logic                                s_axis_tready,
    output      logic [ PE*GROUP_OUT*OUT_BITS-1:0]   m_axis_tdata,
    output      logic                                m_axis_tvalid,
    input  wire logic                                m_axis_tready
);

  if (GROUP_IN < 1 || GROUP_OUT < 1) begin : g_check_group
    $error("%m: GROUP_IN (%0d) and GROUP_OUT (%0d) must be at least 1", GROUP_IN, GROUP_OUT);
  end
  if (PE < 1 || GROUPS % PE != 0) begin : g_check_pe
    $error("%m: PE (%0d) must divide GROUPS (%0d)", PE, GROUPS);
  end
  if (SIMD < 1 || TAPS % SIMD != 0) begin : g_check_simd
    $error("%m: SIMD (%0d) must divide TAPS (%0d)", SIMD, TAPS);
  end
  if (SIMD > 1 && PE != GROUPS) begin : g_check_order
    $error("%m: SIMD (%0d) must be 1 unless PE (%0d) is GROUPS (%0d)", SIMD, PE, GROUPS);
  end
  if (IN_BITS < 1 || WEIGHT_BITS < 2) begin : g_check_bits
    $error("%m: IN_BITS (%0d) must be at least 1, WEIGHT_BITS (%0d) at least 2", IN_BITS, WEIGHT_BITS);
  end
  if (CHAIN < 1 || CHAIN > SIMD * GROUP_IN) begin : g_check_chain
    $error("%m: CHAIN (%0d) must be 1 to SIMD (%0d) x GROUP_IN (%0d)", CHAIN, SIMD, GROUP_IN);
  end

  localparam int unsigned FACTORS = SIMD * GROUP_IN;  // products of an output and a word
  localparam int unsigned SUMS = PE * GROUP_OUT;      // outputs of a word
  localparam int unsigned NF = GROUPS / PE;
  localparam int unsigned SF = TAPS / SIMD;
  localparam int unsigned ADDRESS_BITS = SF * NF > 1 ? $clog2(SF * NF) : 1;

  // Cycles from a word's operands to its sum (see qu_matrix_vector).
  localparam int unsigned TERMS = (FACTORS + CHAIN - 1) / CHAIN;
  localparam int unsigned ADD = (CHAIN * ((WEIGHT_BITS + 1) / 2) + 1) / 2 + $clog2(TERMS);
  localparam int unsigned SUM_BITS = IN_BITS + WEIGHT_BITS + $clog2(CHAIN) + $clog2(TERMS);

  wire advance = !m_axis_tvalid || m_axis_tready;
  assign s_axis_tready = advance;

  // valid[i]: a word came in i cycles ago. Its operands are there in cycle 1, its sums in cycle 1 + ADD.
  logic [ADD+1:0] valid;
  assign valid[0] = s_axis_tvalid;
  always_ff @(posedge clk_i) begin
    if (rst_i) valid[ADD+1:1] <= '0;
    else if (advance) valid[ADD+1:1] <= valid[ADD:0];
  end

  logic [PE*FACTORS*IN_BITS-1:0] data;
  always_ff @(posedge clk_i) if (advance) data <= s_axis_tdata;

  wire [SUMS*FACTORS*WEIGHT_BITS-1:0] weight_word;
  logic [ADDRESS_BITS-1:0] address;
  if (SF * NF > 1) begin : g_address
    always_ff @(posedge clk_i) begin
      if (rst_i) address <= '0;
      else if (advance && valid[0]) address <= address == ADDRESS_BITS'(SF * NF - 1) ? '0 : address + 1'b1;
    end
  end else begin : g_no_address
    assign address = '0;
  end
  qu_weights #(
      .WORDS(SF * NF),
      .WORD_BITS(SUMS * FACTORS * WEIGHT_BITS),
      .BLOCK_RAM(BLOCK_WEIGHTS),
      .MEMORY_FILE({MEMORY_PREFIX, "_weights.mem"})
  ) memory (
      .clk_i,
      .advance_i(advance),
      .address_i(address),
      .word_o(weight_word)
  );

  // --- place of the word whose sums come next ---------------------------------------------------------------------------
  localparam int unsigned FOLD_BITS = NF > 1 ? $clog2(NF) : 1;
  wire next = advance && valid[ADD];
  logic fold_last, tap_last;
  logic [FOLD_BITS-1:0] next_fold, fold;
  logic tap_first, first, last;

  qu_loop_counter #(.COUNT(SF)) tap (
      .clk_i, .rst_i, .step_i(next && fold_last), .last_o(tap_last));
  assign fold_last = next_fold == FOLD_BITS'(NF - 1);
  if (NF > 1) begin : g_fold
    always_ff @(posedge clk_i) begin
      if (rst_i) next_fold <= '0;
      else if (next) next_fold <= fold_last ? '0 : next_fold + 1'b1;
    end
  end else begin : g_no_fold
    assign next_fold = '0;
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) tap_first <= 1'b1;
    else if (next && fold_last) tap_first <= tap_last;
  end
  always_ff @(posedge clk_i) begin
    if (next) begin
      fold  <= next_fold;
      first <= tap_first;
      last  <= tap_last;
    end
  end

  // What makes up for the errors of the products over all taps (see qu_booth_chain), and the ones below.
  logic [SUMS*BIAS_BITS-1:0] biases[NF];
  initial $readmemh({MEMORY_PREFIX, "_biases.mem"}, biases);
  wire [SUMS*BIAS_BITS-1:0] bias = biases[fold];

  // --- sums so far ------------------------------------------------------------------------------------------------------
  logic [SUMS*OUT_BITS-1:0] so_far, result;

  for (genvar p = 0; p < SUMS; p++) begin : g_sum
    localparam int unsigned GROUP_BITS = GROUP_IN * IN_BITS;
    wire [SIMD*GROUP_BITS-1:0] own;  // of this output's group
    for (genvar s = 0; s < SIMD; s++) begin : g_tap
      assign own[s*GROUP_BITS+:GROUP_BITS] = data[(s*PE+p/GROUP_OUT)*GROUP_BITS+:GROUP_BITS];
    end
    // verilator lint_off UNUSEDSIGNAL
    wire [SUM_BITS-1:0] sum;  // may have more bits than the result, which is modular
    // verilator lint_on UNUSEDSIGNAL
    qu_dot_product #(
        .SIMD(FACTORS),
        .CHAIN(CHAIN),
        .IN_BITS(IN_BITS),
        .IN_SIGNED(IN_SIGNED),
        .WEIGHT_BITS(WEIGHT_BITS),
        .SUM_BITS(SUM_BITS)
    ) products (
        .clk_i,
        .advance_i(advance),
        .data_i(own),
        .weights_i(weight_word[p*FACTORS*WEIGHT_BITS+:FACTORS*WEIGHT_BITS]),
        .sum_o(sum)
    );
    // sum - ~start is sum + start + 1: as a subtraction, the selection of `start` goes into the LUTs of the carry chain. The
    // biases contain the ones.
    wire [OUT_BITS-1:0] start = SF == 1 || first ? OUT_BITS'($signed(bias[p*BIAS_BITS+:BIAS_BITS])) : so_far[p*OUT_BITS+:OUT_BITS];
    assign result[p*OUT_BITS+:OUT_BITS] = OUT_BITS'($signed(sum)) - ~start;
  end

  if (SF == 1) begin : g_no_sums
    wire unused = &{1'b0, first};
    assign so_far = '0;
  end else if (NF == 1) begin : g_register
    assign so_far = m_axis_tdata;
  end else begin : g_memory
    qu_simple_dual_port_ram #(.WORD_BITS(SUMS * OUT_BITS), .DEPTH(NF), .BLOCK_RAM(BLOCK_SUMS)) sums (
        .clk_i,
        .write_i        (advance && valid[ADD+1]),
        .write_address_i(fold),
        .write_data_i   (result),
        .read_i         (next),
        .read_address_i (next_fold),
        .read_data_o    (so_far)
    );
  end

  always_ff @(posedge clk_i) begin
    if (advance && valid[ADD+1]) m_axis_tdata <= result;
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (advance) m_axis_tvalid <= valid[ADD+1] && last;
  end

endmodule

`default_nettype wire
