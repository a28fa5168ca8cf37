// SPDX-License-Identifier: BSD-3-Clause
// Pooling along one axis: the largest of each window's elements, their sum, or MULTIPLE times their average. Windows may overlap and
// reach over both ends.
//
// The stream has EXTENT positions of INNER words; window w takes the positions w * STRIDE - PAD up to KERNEL - 1 further, as far as
// there are any: what lies beyond the ends neither adds to a sum nor is the largest. One word a cycle. A window that is open
// when its first element has come and until its last has, is one partial result for each of the INNER words, and at most
// SLOTS = ceil((KERNEL - 1) / STRIDE) windows are open between two positions: slot j holds the window that began j strides
// before the latest one. Windows that end beyond the last position are finished in FLUSH positions without input.
// s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module qu_pool_axis #(
    parameter int unsigned IN_BITS   = 8,  // bits of an input element, at least 1
    parameter int unsigned IS_SIGNED = 0,  // 1: elements in two's complement
    parameter int unsigned SUM_BITS  = 8,  // bits of a partial result, at least IN_BITS
    parameter int unsigned OUT_BITS  = 8,  // bits of a whole result, SUM_BITS unless there is a MULTIPLE
    parameter int unsigned SUM       = 0,  // 1: sums, 0: maxima
    parameter int unsigned MULTIPLE  = 0,  // common multiple of the numbers of elements in the windows; 0: sums as they are
    parameter int unsigned LANES     = 1,  // elements of a word, at least 1
    parameter int unsigned INNER     = 1,  // words of a position, at least 1
    parameter int unsigned EXTENT    = 4,  // positions, at least 1
    parameter int unsigned KERNEL    = 3,  // positions of a window, at least 1
    parameter int unsigned STRIDE    = 2,  // positions from one window to the next, at least 1
    parameter int unsigned PAD       = 1,  // positions of the first window before the axis begins, less than KERNEL
    parameter int unsigned WINDOWS   = 2,  // all that begin before the axis ends
    parameter int unsigned BLOCK_RAM = 0   // 1: partial results in block memory, 0: in distributed memory
) (
    input  wire logic                      clk_i,
    input  wire logic                      rst_i,
    input  wire logic [ LANES*IN_BITS-1:0] s_axis_tdata,
    input  wire logic                      s_axis_tvalid,
    output      logic                      s_axis_tready,
    output      logic [LANES*OUT_BITS-1:0] m_axis_tdata,
    output      logic                      m_axis_tvalid,
    input  wire logic                      m_axis_tready
);

  if (IN_BITS < 1 || LANES < 1 || INNER < 1) begin : g_check_word
    $error("%m: IN_BITS, LANES and INNER must be at least 1");
  end
  if (SUM_BITS < IN_BITS || (MULTIPLE == 0 && OUT_BITS != SUM_BITS)) begin : g_check_bits
    $error("%m: SUM_BITS (%0d) must be at least IN_BITS (%0d), and OUT_BITS (%0d) unless there is a MULTIPLE", SUM_BITS, IN_BITS,
           OUT_BITS);
  end
  if (MULTIPLE != 0 && SUM == 0) begin : g_check_multiple
    $error("%m: MULTIPLE (%0d) must be 0 without SUM", MULTIPLE);
  end
  if (IS_SIGNED > 1 || SUM > 1) begin : g_check_flags
    $error("%m: IS_SIGNED (%0d) and SUM (%0d) must be 0 or 1", IS_SIGNED, SUM);
  end
  if (KERNEL < 1 || STRIDE < 1 || PAD >= KERNEL) begin : g_check_kernel
    $error("%m: KERNEL (%0d) and STRIDE (%0d) must be at least 1, PAD (%0d) less than KERNEL", KERNEL, STRIDE, PAD);
  end
  if (WINDOWS < 1 || (WINDOWS - 1) * STRIDE >= EXTENT + PAD || WINDOWS * STRIDE + KERNEL <= EXTENT + PAD) begin : g_check_windows
    $error("%m: WINDOWS (%0d) must be all windows in EXTENT (%0d), and none may begin behind it", WINDOWS, EXTENT);
  end

  localparam int unsigned END = (WINDOWS - 1) * STRIDE + KERNEL - PAD;  // position behind the last window
  localparam int unsigned POSITIONS = END > EXTENT ? END : EXTENT;
  localparam int unsigned SLOTS = (KERNEL - 1 + STRIDE - 1) / STRIDE;
  localparam int unsigned WORD_BITS = LANES * SUM_BITS;

  // --- loop nest: position, word ----------------------------------------------------------------------------------------
  logic enable, step, beyond;
  logic inner_last, position_last, position_first;

  assign enable        = !m_axis_tvalid || m_axis_tready;
  assign s_axis_tready = enable && !beyond;
  assign step          = enable && (s_axis_tvalid || beyond);

  qu_loop_counter #(.COUNT(INNER)) word_of_position (
      .clk_i, .rst_i, .step_i(step), .last_o(inner_last));
  wire next_position = step && inner_last;

  localparam int unsigned POSITION_BITS = POSITIONS > 1 ? $clog2(POSITIONS) : 1;
  logic [POSITION_BITS-1:0] position;
  assign position_last  = position == POSITION_BITS'(POSITIONS - 1);
  assign position_first = position == '0;
  if (POSITIONS > 1) begin : g_position
    always_ff @(posedge clk_i) begin
      if (rst_i) position <= '0;
      else if (next_position) position <= position_last ? '0 : position + 1'b1;
    end
  end else begin : g_one_position
    assign position = '0;
  end

  if (POSITIONS > EXTENT) begin : g_beyond
    always_ff @(posedge clk_i) begin
      if (rst_i) beyond <= 1'b0;
      else if (next_position) beyond <= !position_last && (beyond || position == POSITION_BITS'(EXTENT - 1));
    end
  end else begin : g_within
    assign beyond = 1'b0;
  end

  // Positions still to come before the one that ends a window; since the latest window began, modulo STRIDE.
  localparam int unsigned MOST = KERNEL - PAD > STRIDE ? KERNEL - PAD : STRIDE;
  localparam int unsigned MISSING_BITS = MOST > 1 ? $clog2(MOST) : 1;
  logic [MISSING_BITS-1:0] missing;
  wire ends = missing == '0;
  always_ff @(posedge clk_i) begin
    if (rst_i) missing <= MISSING_BITS'(KERNEL - 1 - PAD);
    else if (next_position) begin
      if (position_last) missing <= MISSING_BITS'(KERNEL - 1 - PAD);
      else missing <= ends ? MISSING_BITS'(STRIDE - 1) : missing - 1'b1;
    end
  end

  logic begins;
  if (STRIDE > 1) begin : g_phase
    localparam int unsigned PHASE_BITS = $clog2(STRIDE);
    logic [PHASE_BITS-1:0] phase;
    assign begins = phase == '0;
    always_ff @(posedge clk_i) begin
      if (rst_i) phase <= PHASE_BITS'(PAD % STRIDE);
      else if (next_position) begin
        if (position_last) phase <= PHASE_BITS'(PAD % STRIDE);
        else phase <= phase == PHASE_BITS'(STRIDE - 1) ? '0 : phase + 1'b1;
      end
    end
  end else begin : g_no_phase
    assign begins = 1'b1;
  end

  // --- first stage: the word, its place, and the read of the partial results --------------------------------------------
  logic [LANES*IN_BITS-1:0] word;
  logic valid, first, last;

  always_ff @(posedge clk_i) begin
    if (rst_i) valid <= 1'b0;
    else if (enable) valid <= step;
  end
  always_ff @(posedge clk_i) begin
    if (step) begin
      word  <= s_axis_tdata;
      first <= position_first;
      last  <= ends;
    end
  end
  assign m_axis_tvalid = valid && last;

  // --- second stage: every partial result with the word, then to the next slot where a window begins ---------------------
  logic [WORD_BITS-1:0] extended, whole;
  for (genvar i = 0; i < LANES; i++) begin : g_extend
    if (IS_SIGNED != 0) begin : g_signed
      assign extended[i*SUM_BITS+:SUM_BITS] = SUM_BITS'($signed(word[i*IN_BITS+:IN_BITS]));
    end else begin : g_unsigned
      assign extended[i*SUM_BITS+:SUM_BITS] = SUM_BITS'(word[i*IN_BITS+:IN_BITS]);
    end
  end

  if (SLOTS == 0) begin : g_sample
    wire unused = &{1'b0, first, begins};
    assign whole = extended;
  end else begin : g_slots
    logic begun, absent;  // a window begins with this position; it lies behind the axis
    always_ff @(posedge clk_i) begin
      if (step) begin
        begun  <= begins;
        absent <= beyond;
      end
    end

    // Without windows that begin before the axis none has to be made at its first position. Where the one window that is open
    // never ends with the position that begins the next, that one may take its slot at once.
    localparam bit EARLY = PAD > 0;
    localparam bit ALONE = SLOTS == 1 && (KERNEL - 1) % STRIDE != 0;
    wire fresh = (EARLY && first) || (ALONE && begun);

    logic [SLOTS*WORD_BITS-1:0] slots, grown, stored;
    for (genvar j = 0; j < SLOTS; j++) begin : g_slot
      for (genvar i = 0; i < LANES; i++) begin : g_lane
        localparam int unsigned LOW = j * WORD_BITS + i * SUM_BITS;
        wire [SUM_BITS-1:0] element = extended[i*SUM_BITS+:SUM_BITS];
        wire [SUM_BITS-1:0] partial = slots[LOW+:SUM_BITS];
        if (SUM != 0) begin : g_sum
          assign grown[LOW+:SUM_BITS] = (fresh ? '0 : partial) + (absent ? '0 : element);
        end else begin : g_maximum
          logic greater;
          if (IS_SIGNED != 0) begin : g_signed
            assign greater = $signed(element) > $signed(partial);
          end else begin : g_unsigned
            assign greater = element > partial;
          end
          assign grown[LOW+:SUM_BITS] = fresh || (greater && !absent) ? element : partial;
        end
      end
    end
    if (SLOTS > 1) begin : g_shift
      assign stored = begun ? {grown[(SLOTS-1)*WORD_BITS-1:0], extended} : grown;
    end else begin : g_single
      assign stored = begun && !ALONE ? extended : grown;
    end
    assign whole = grown[SLOTS*WORD_BITS-1-:WORD_BITS];

    if (INNER == 1) begin : g_register
      always_ff @(posedge clk_i) begin
        if (enable && valid) slots <= stored;
      end
    end else begin : g_memory
      localparam int unsigned ADDRESS_BITS = $clog2(INNER);
      logic [ADDRESS_BITS-1:0] address, write_address;
      always_ff @(posedge clk_i) begin
        if (rst_i) address <= '0;
        else if (step) address <= inner_last ? '0 : address + 1'b1;
      end
      always_ff @(posedge clk_i) begin
        if (step) write_address <= address;
      end
      qu_simple_dual_port_ram #(.WORD_BITS(SLOTS * WORD_BITS), .DEPTH(INNER), .BLOCK_RAM(BLOCK_RAM)) partials (
          .clk_i,
          .write_i        (enable && valid),
          .write_address_i(write_address),
          .write_data_i   (stored),
          .read_i         (step),
          .read_address_i (address),
          .read_data_o    (slots)
      );
    end
  end

  // --- sums times MULTIPLE over the number of their elements, which is less where a window reaches over an end -----------
  if (MULTIPLE == 0) begin : g_plain
    assign m_axis_tdata = whole;
  end else begin : g_weighted
    function automatic int unsigned counted(input int unsigned window);
      int unsigned from, to;
      from = window * STRIDE > PAD ? window * STRIDE : PAD;
      to = window * STRIDE + KERNEL > EXTENT + PAD ? EXTENT + PAD : window * STRIDE + KERNEL;
      return to - from;
    endfunction

    localparam int unsigned FACTOR_BITS = $clog2(MULTIPLE + 1);
    localparam int unsigned WINDOW_BITS = WINDOWS > 1 ? $clog2(WINDOWS) : 1;
    logic [WINDOW_BITS-1:0] window;  // the one that ends next
    logic [FACTOR_BITS-1:0] next_factor, factor;

    if (WINDOWS > 1) begin : g_window
      always_ff @(posedge clk_i) begin
        if (rst_i) window <= '0;
        else if (next_position && ends) window <= window == WINDOW_BITS'(WINDOWS - 1) ? '0 : window + 1'b1;
      end
    end else begin : g_one_window
      assign window = '0;
    end
    always_comb begin
      next_factor = '0;
      for (int unsigned w = 0; w < WINDOWS; w++) begin
        if (window == WINDOW_BITS'(w)) next_factor = FACTOR_BITS'(MULTIPLE / counted(w));
      end
    end
    always_ff @(posedge clk_i) if (step) factor <= next_factor;

    for (genvar i = 0; i < LANES; i++) begin : g_product
      wire [SUM_BITS-1:0] sum = whole[i*SUM_BITS+:SUM_BITS];
      logic [OUT_BITS-1:0] product;  // in LUTs: factors are small
      always_comb begin
        product = '0;
        for (int unsigned b = 0; b < FACTOR_BITS; b++) begin
          if (factor[b]) product = product + ((IS_SIGNED != 0 ? OUT_BITS'($signed(sum)) : OUT_BITS'(sum)) << b);
        end
      end
      assign m_axis_tdata[i*OUT_BITS+:OUT_BITS] = product;
    end
  end

endmodule

`default_nettype wire
