// SPDX-License-Identifier: BSD-3-Clause
// Matrix-vector unit: each input vector of MW elements times a constant MW x MH matrix.
//
// Input words hold SIMD elements, output words PE sums. A vector takes SF * NF cycles (SF = MW / SIMD words, NF = MH / PE
// output words), the next follows without a gap. s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_matrix_vector #(
    parameter int unsigned MW = 4,             // elements of an input vector
    parameter int unsigned MH = 4,             // elements of an output vector
    parameter int unsigned SIMD = 2,           // input elements a cycle, divides MW
    parameter int unsigned PE = 2,             // output elements at a time, divides MH
    parameter int unsigned IN_BITS = 4,        // bits of an input element
    parameter int unsigned IN_SIGNED = 0,      // 1: input is two's complement
    parameter int unsigned WEIGHT_BITS = 4,    // bits of a weight, two's complement, at least 2
    parameter int unsigned OUT_BITS = 12,      // bits of an output element; sums are taken modulo 2**OUT_BITS
    parameter int unsigned USE_DSP = 0,        // products in: 0 LUTs, 1 a DSP slice each, 2 a DSP slice for two
    parameter int unsigned CHAIN = 2,          // products in a chain of adders, at most SIMD (products in LUTs)
    parameter int unsigned BIAS_BITS = 8,      // bits of <prefix>_biases.mem per output, two's complement
    parameter int unsigned BLOCK_WEIGHTS = 0,  // 1: weights in block memory, 0: in LUTs
    parameter int unsigned BLOCK_BUFFER = 0,   // 1: input vector in block memory, 0: in LUTs
    parameter MEMORY_PREFIX = ""               // <prefix>_weights.mem: NF x SF words of PE x SIMD weights, lowest first
) (
    input  wire logic                    clk_i,
    input  wire logic                    rst_i,
    input  wire logic [SIMD*IN_BITS-1:0] s_axis_tdata,
    input  wire logic                    s_axis_tvalid,
    output      logic                    s_axis_tready,
    output      logic [PE*OUT_BITS-1:0]  m_axis_tdata,
    output      logic                    m_axis_tvalid,
    input  wire logic                    m_axis_tready
);

  if (SIMD < 1 || MW % SIMD != 0) begin : g_check_simd
    $error("%m: SIMD (%0d) must divide MW (%0d)", SIMD, MW);
  end
  if (PE < 1 || MH % PE != 0) begin : g_check_pe
    $error("%m: PE (%0d) must divide MH (%0d)", PE, MH);
  end
  if (IN_BITS < 1 || WEIGHT_BITS < 2) begin : g_check_bits
    $error("%m: IN_BITS (%0d) must be at least 1, WEIGHT_BITS (%0d) at least 2", IN_BITS, WEIGHT_BITS);
  end
  if (USE_DSP > 2) begin : g_check_dsp
    $error("%m: USE_DSP (%0d) must be 0, 1 or 2", USE_DSP);
  end
  if (CHAIN < 1 || CHAIN > SIMD) begin : g_check_chain
    $error("%m: CHAIN (%0d) must be 1 to SIMD (%0d)", CHAIN, SIMD);
  end

  localparam int unsigned SF = MW / SIMD;
  localparam int unsigned NF = MH / PE;
  localparam int unsigned ADDRESS_BITS = SF * NF > 1 ? $clog2(SF * NF) : 1;

  // Cycles from a step of the buffer to its operands, and from those to their sum.
  localparam int unsigned FETCH = NF > 1 ? 2 : 1;
  localparam bit LUTS = USE_DSP == 0;
  localparam int unsigned IN_TERM = USE_DSP == 2 ? 2 : LUTS ? CHAIN : 1;  // products in a term of the adder tree
  localparam int unsigned TERMS = (SIMD + IN_TERM - 1) / IN_TERM;
  localparam int unsigned MULTIPLY = LUTS ? (CHAIN * ((WEIGHT_BITS + 1) / 2) + 1) / 2 : 3;
  localparam int unsigned ADD = MULTIPLY + $clog2(TERMS);
  localparam int unsigned SUM_BITS = IN_BITS + WEIGHT_BITS + $clog2(IN_TERM) + $clog2(TERMS);

  wire advance = !m_axis_tvalid || m_axis_tready;

  wire step, last, ready;
  wire [SIMD*IN_BITS-1:0] data;
  qu_replay_buffer #(
      .WORD_BITS(SIMD * IN_BITS),
      .WORDS(SF),
      .REPEATS(NF),
      .BLOCK_RAM(BLOCK_BUFFER)
  ) buffer (
      .clk_i,
      .rst_i,
      .advance_i(advance),
      .data_i(s_axis_tdata),
      .valid_i(s_axis_tvalid),
      .ready_o(ready),
      .data_o(data),
      .step_o(step),
      .last_o(last)
  );
  assign s_axis_tready = ready && advance;

  // valid[i] and ends[i]: the step i cycles ago was one, and a vector's last.
  logic [FETCH+ADD:0] valid, ends;
  assign valid[0] = step;
  assign ends[0] = last;
  always_ff @(posedge clk_i) begin
    if (advance) ends[FETCH+ADD:1] <= ends[FETCH+ADD-1:0];
    if (rst_i) valid[FETCH+ADD:1] <= '0;
    else if (advance) valid[FETCH+ADD:1] <= valid[FETCH+ADD-1:0];
  end

  wire [PE*SIMD*WEIGHT_BITS-1:0] weight_word;
  logic [ADDRESS_BITS-1:0] address;
  if (SF * NF > 1) begin : g_address
    always_ff @(posedge clk_i) begin
      if (rst_i) address <= '0;
      else if (advance && valid[FETCH-1]) address <= address == ADDRESS_BITS'(SF * NF - 1) ? '0 : address + 1'b1;
    end
  end else begin : g_no_address
    assign address = '0;
  end
  qu_weights #(
      .WORDS(SF * NF),
      .WORD_BITS(PE * SIMD * WEIGHT_BITS),
      .BLOCK_RAM(BLOCK_WEIGHTS),
      .MEMORY_FILE({MEMORY_PREFIX, "_weights.mem"})
  ) memory (
      .clk_i,
      .advance_i(advance),
      .address_i(address),
      .word_o(weight_word)
  );

  // What makes up for the errors of the LUT products over a whole vector, for each output word, two's complement.
  logic [PE*BIAS_BITS-1:0] bias;
  if (LUTS) begin : g_bias
    logic [PE*BIAS_BITS-1:0] biases[NF];
    initial $readmemh({MEMORY_PREFIX, "_biases.mem"}, biases);
    if (NF > 1) begin : g_fold
      logic [$clog2(NF)-1:0] fold;
      always_ff @(posedge clk_i) begin
        if (rst_i) fold <= '0;
        else if (advance && valid[FETCH+ADD] && ends[FETCH+ADD])
          fold <= fold == $clog2(NF)'(NF - 1) ? '0 : fold + 1'b1;
      end
      assign bias = biases[fold];
    end else begin : g_one
      assign bias = biases[0];
    end
  end else begin : g_no_bias
    assign bias = {PE{BIAS_BITS'(-$signed(32'(SF)))}};
  end

  logic first;  // the sum that comes next begins an output word
  always_ff @(posedge clk_i) begin
    if (rst_i) first <= 1'b1;
    else if (advance && valid[FETCH+ADD]) first <= ends[FETCH+ADD];
  end

  for (genvar p = 0; p < PE; p++) begin : g_pe
    // verilator lint_off UNUSEDSIGNAL
    wire [SUM_BITS-1:0] sum;  // may have more bits than the accumulator, which is modular
    // verilator lint_on UNUSEDSIGNAL
    if (!LUTS) begin : g_dsp
      qu_multipliers #(
          .SIMD(SIMD),
          .IN_BITS(IN_BITS),
          .IN_SIGNED(IN_SIGNED),
          .WEIGHT_BITS(WEIGHT_BITS),
          .PAIRS(USE_DSP == 2 ? 1 : 0),
          .SUM_BITS(SUM_BITS)
      ) products (
          .clk_i,
          .advance_i(advance),
          .data_i(data),
          .weights_i(weight_word[p*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS]),
          .sum_o(sum)
      );
    end else begin : g_lut
      qu_dot_product #(
          .SIMD(SIMD),
          .CHAIN(CHAIN),
          .IN_BITS(IN_BITS),
          .IN_SIGNED(IN_SIGNED),
          .WEIGHT_BITS(WEIGHT_BITS),
          .SUM_BITS(SUM_BITS)
      ) products (
          .clk_i,
          .advance_i(advance),
          .data_i(data),
          .weights_i(weight_word[p*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS]),
          .sum_o(sum)
      );
    end

    // sum - ~start is sum + start + 1: as a subtraction, the selection of `start` goes into the LUTs of the carry chain. The
    // biases contain the ones.
    logic [OUT_BITS-1:0] accumulator;
    wire [OUT_BITS-1:0] start = SF == 1 || first ? OUT_BITS'($signed(bias[p*BIAS_BITS+:BIAS_BITS])) : accumulator;
    always_ff @(posedge clk_i) begin
      if (advance && valid[FETCH+ADD]) accumulator <= OUT_BITS'($signed(sum)) - ~start;
    end
    assign m_axis_tdata[p*OUT_BITS+:OUT_BITS] = accumulator;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) m_axis_tvalid <= 1'b0;
    else if (advance) m_axis_tvalid <= valid[FETCH+ADD] && ends[FETCH+ADD];
  end

endmodule

`default_nettype wire
