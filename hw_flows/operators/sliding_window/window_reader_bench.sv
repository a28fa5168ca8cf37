// SPDX-License-Identifier: BSD-3-Clause
// Line buffer of a sliding window of any size: what sliding_window_bench proves of small ones, with the invariants that
// close induction, so that the size of the image does not matter.
//
// They say that the loops stand at the word after the one on offer, what the level counts, and where the followed word lies.
`default_nettype none

module window_reader_bench #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned FOLD = 1,
    parameter int unsigned HEIGHT = 3,
    parameter int unsigned WIDTH = 3,
    parameter int unsigned KERNEL_H = 2,
    parameter int unsigned KERNEL_W = 2,
    parameter int unsigned STRIDE_H = 1,
    parameter int unsigned STRIDE_W = 1,
    parameter int unsigned DILATION_H = 1,
    parameter int unsigned DILATION_W = 1,
    parameter int unsigned DEPTH = 6,
    parameter int unsigned BLOCK_RAM = 0,
    localparam int unsigned IN_WORDS = HEIGHT * WIDTH * FOLD,
    localparam int unsigned IN_BITS = $clog2(IN_WORDS + 1)
) (
    input wire logic                 clk_i,
    input wire logic                 rst_i,
    input wire logic                 choose_i,
    input wire logic [  IN_BITS-1:0] place_i,
    input wire logic [WORD_BITS-1:0] s_axis_tdata,
    input wire logic                 s_axis_tvalid,
    input wire logic                 m_axis_tready
);

  localparam int unsigned REACH_H = (KERNEL_H - 1) * DILATION_H + 1;
  localparam int unsigned REACH_W = (KERNEL_W - 1) * DILATION_W + 1;
  localparam int unsigned OUT_HEIGHT = (HEIGHT - REACH_H) / STRIDE_H + 1;
  localparam int unsigned OUT_WIDTH = (WIDTH - REACH_W) / STRIDE_W + 1;
  localparam int unsigned RUNS = DILATION_W == 1 ? 1 : KERNEL_W;
  localparam int unsigned RUN = KERNEL_W * FOLD / RUNS;
  localparam int unsigned WINDOW = KERNEL_H * RUNS * RUN;
  localparam int unsigned SPAN = ((REACH_H - 1) * WIDTH + REACH_W) * FOLD;
  localparam int unsigned OUT_WORDS = OUT_HEIGHT * OUT_WIDTH * WINDOW;
  localparam int unsigned OUT_BITS = $clog2(OUT_WORDS + 1);
  localparam int unsigned FRAMES = DEPTH / IN_WORDS + 2;
  // Signed, and wide enough for all words inside.
  localparam int unsigned BITS = $clog2((FRAMES + 2) * (IN_WORDS > OUT_WORDS ? IN_WORDS : OUT_WORDS) + DEPTH) + 2;
  typedef logic signed [BITS-1:0] number;

  logic s_axis_tready, m_axis_tvalid, off;
  logic [WORD_BITS-1:0] m_axis_tdata;
  logic [OUT_BITS-1:0] out_index;

  qu_window_reader #(
      .WORD_BITS(WORD_BITS), .FOLD(FOLD), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .KERNEL_H(KERNEL_H), .KERNEL_W(KERNEL_W), .STRIDE_H(STRIDE_H), .STRIDE_W(STRIDE_W), .DILATION_H(DILATION_H), .DILATION_W(DILATION_W), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) dut (
      .clk_i, .rst_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready);

  // --- what the word on offer is: row and column of its window, row in the window, run in that row, word in that run --
  number y, x, k, tap, run;
  wire word_last = run == number'(RUN - 1);
  wire run_last = word_last && tap == number'(RUNS - 1);
  wire k_last = k == number'(KERNEL_H - 1);
  wire x_last = x == number'(OUT_WIDTH - 1);
  wire y_last = y == number'(OUT_HEIGHT - 1);
  wire number run_next = word_last ? number'(0) : run + number'(1);
  wire number tap_next = !word_last ? tap : run_last ? number'(0) : tap + number'(1);
  wire number k_next = !run_last ? k : k_last ? number'(0) : k + number'(1);
  wire number x_next = !(run_last && k_last) ? x : x_last ? number'(0) : x + number'(1);
  wire number y_next = !(run_last && k_last && x_last) ? y : y_last ? number'(0) : y + number'(1);
  always_ff @(posedge clk_i) begin
    if (off) begin
      run <= '0;
      tap <= '0;
      k <= '0;
      x <= '0;
      y <= '0;
    end else if (m_axis_tvalid && m_axis_tready) begin
      run <= run_next;
      tap <= tap_next;
      k <= k_next;
      x <= x_next;
      y <= y_next;
    end
  end

  function automatic number start(input number row, input number column);
    return row * number'(STRIDE_H * WIDTH * FOLD) + column * number'(STRIDE_W * FOLD);
  endfunction

  function automatic number offset(input number row, input number column, input number word);
    return row * number'(DILATION_H * WIDTH * FOLD) + column * number'(DILATION_W * FOLD) + word;
  endfunction

  map_rules #(
      .WORD_BITS(WORD_BITS), .IN_WORDS(IN_WORDS), .OUT_WORDS(OUT_WORDS), .FRAMES(FRAMES), .PROMPT(2), .ACCEPT(WINDOW + 1)) rules (
      .clk_i, .rst_i, .choose_i, .place_i, .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid,
      .m_axis_tready, .out_index_o(out_index), .source_i(IN_BITS'(start(y, x) + offset(k, tap, run))), .zero_i(1'b0),
      .need_i(IN_BITS'(start(y, x) + number'(SPAN))), .early_i(1'b0), .off_o(off));

  // --- the scoreboard by itself -----------------------------------------------------------------------------------------
  wire number ahead = number'(rules.ahead);
  wire number in_index = number'({1'b0, rules.in_index});
  wire number queued = number'({1'b0, rules.board.queued});
  wire number place = number'({1'b0, place_i});
  wire followed = rules.board.followed;
  wire taken = rules.board.taken;
  wire coming = rules.board.coming_o;
  always_comb begin
    if (!off) begin
      indices : assert (in_index < number'(IN_WORDS) && number'({1'b0, out_index})
          == (((y * number'(OUT_WIDTH) + x) * number'(KERNEL_H) + k) * number'(RUNS) + tap)
          * number'(RUN) + run);
      in_loops : assert (run >= 0 && run < number'(RUN) && tap >= 0 && tap < number'(RUNS) && k >= 0 && k < number'(KERNEL_H) && x >= 0
          && x < number'(OUT_WIDTH) && y >= 0 && y < number'(OUT_HEIGHT));
      if (coming && followed) comes_next : assert (queued == ahead && taken == (in_index > place));
      if (followed && !coming) came : assert (taken && queued < ahead);
    end
  end

  // --- the loops of the module stand at the next word to read ------------------------------------------------------------
  number at_y, at_x, at_k, at_tap, at_run;
  if (RUNS > 1) begin : g_tap
    assign at_tap = number'({1'b0, dut.run.g_count.count});
  end else begin : g_no_tap
    assign at_tap = '0;
  end
  if (RUN > 1) begin : g_run
    assign at_run = number'({1'b0, dut.word.g_count.count});
  end else begin : g_no_run
    assign at_run = '0;
  end
  if (KERNEL_H > 1) begin : g_kernel_row
    assign at_k = number'({1'b0, dut.kernel_row.g_count.count});
  end else begin : g_no_kernel_row
    assign at_k = '0;
  end
  if (OUT_WIDTH > 1) begin : g_column
    assign at_x = number'({1'b0, dut.column.g_count.count});
  end else begin : g_no_column
    assign at_x = '0;
  end
  if (OUT_HEIGHT > 1) begin : g_row
    assign at_y = number'({1'b0, dut.row.g_count.count});
  end else begin : g_no_row
    assign at_y = '0;
  end

  wire number level = number'(dut.level);
  wire number write_address = number'({1'b0, dut.write_address});
  wire number read_address = number'({1'b0, dut.read_address});
  // The frame's last word has been read and waits.
  wire frame_read = m_axis_tvalid && run_last && k_last && x_last && y_last;
  // From the next word to read, and from the followed one, to the next word to write.
  wire number to_write = level + number'(SPAN) - offset(at_k, at_tap, at_run);
  wire number since = (ahead - queued) * number'(IN_WORDS) + in_index - place;

  // Once is enough where no step is longer than the buffer; else `addresses` does not hold.
  function automatic number wrapped(input number address);
    return address < 0 ? address + number'(DEPTH) : address >= number'(DEPTH) ? address - number'(DEPTH) : address;
  endfunction

  wire number lies = wrapped(write_address - since);
  always_comb begin
    if (!off) begin
      loops : assert (m_axis_tvalid ? at_run == run_next && at_tap == tap_next && at_k == k_next && at_x == x_next && at_y == y_next
          : at_run == run && at_tap == tap && at_k == k && at_x == x && at_y == y);
      counted : assert (level == (ahead - number'(frame_read)) * number'(IN_WORDS) + in_index - start(at_y, at_x)
          - number'(SPAN));
      room : assert (level >= -number'(dut.FREED) && level <= number'(dut.SLACK));
      if (m_axis_tvalid) came_in : assert (ahead * number'(IN_WORDS) + in_index > start(y, x) + offset(k, tap, run));
      whole : assert ((at_k == 0 && at_tap == 0 && at_run == 0) || level >= 0);
      addresses : assert (write_address < number'(DEPTH) && read_address < number'(DEPTH)
          && read_address == wrapped(write_address - to_write));
      if (!s_axis_tready) reads_on : assert (number'({1'b0, rules.accepts.waited}) <= (at_k * number'(RUNS) + at_tap) * number'(RUN) + at_run);
      if (followed && taken && since <= level + number'(SPAN))
        kept : assert (dut.line_buffer.memory[lies[$clog2(DEPTH)-1:0]] == rules.board.word);
    end
  end

endmodule

`default_nettype wire
