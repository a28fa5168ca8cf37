// SPDX-License-Identifier: BSD-3-Clause
// Results of a block: they come group by group and leave pixel by pixel, every word once and unchanged.
//
// The words that come are numbered as they come; blocks begin as soon as there is room and a free signal says so.
`default_nettype none

module block_writer_bench #(
    parameter int unsigned GROUPS = 2,
    parameter int unsigned HEIGHT = 3,
    parameter int unsigned WIDTH = 2,
    parameter int unsigned ROWS = 2,
    parameter int unsigned BLOCKS = 1,
    localparam int unsigned WORDS = HEIGHT * WIDTH * GROUPS,
    localparam int unsigned IN_BITS = $clog2(WORDS + 1)
) (
    input wire logic               clk_i,
    input wire logic               rst_i,
    input wire logic               choose_i,
    input wire logic [IN_BITS-1:0] place_i,
    input wire logic               wants_i,  // free: a block begins, if there is room
    input wire logic               valid_i,  // free: a word comes, if a block has begun
    input wire logic [        1:0] data_i,
    input wire logic               m_axis_tready
);

  logic room, m_axis_tvalid, off, followed, seen;
  logic [1:0] m_axis_tdata, word;
  logic [IN_BITS-1:0] in_index, out_index;

  // --- where the next word to come belongs ------------------------------------------------------------------------------
  localparam int unsigned LAST_ROWS = (HEIGHT - 1) % ROWS + 1;
  localparam int unsigned BITS = $clog2(2 * HEIGHT * WIDTH + 1);
  logic [1:0] begun;  // blocks that have begun and are not written
  logic [BITS-1:0] pixel, group, row;  // of the block, of the pixel, of the frame
  wire [BITS-1:0] rows = row + BITS'(ROWS) >= BITS'(HEIGHT) ? BITS'(LAST_ROWS) : BITS'(ROWS);
  wire pixel_last = pixel == rows * BITS'(WIDTH) - 1'b1;
  wire block_last = pixel_last && group == BITS'(GROUPS - 1);
  wire comes = valid_i && begun != '0;
  wire begins = wants_i && room;
  always_ff @(posedge clk_i) begin
    if (off) begin
      begun <= '0;
      pixel <= '0;
      group <= '0;
      row <= '0;
    end else begin
      begun <= begun + 2'(begins) - 2'(comes && block_last);
      if (comes) pixel <= pixel_last ? '0 : pixel + 1'b1;
      if (comes && pixel_last) group <= block_last ? '0 : group + 1'b1;
      if (comes && block_last) row <= row + BITS'(ROWS) >= BITS'(HEIGHT) ? '0 : row + BITS'(ROWS);
    end
  end

  qu_block_writer #(
      .WORD_BITS(2), .GROUPS(GROUPS), .HEIGHT(HEIGHT), .WIDTH(WIDTH), .ROWS(ROWS), .BLOCKS(BLOCKS), .BLOCK_RAM(0)) dut (
      .clk_i, .rst_i, .room_o(room), .begin_i(begins), .data_i, .valid_i(comes), .last_i(pixel_last), .m_axis_tdata,
      .m_axis_tvalid, .m_axis_tready);

  environment #(.CONSTANT_BITS(IN_BITS)) free (.clk_i, .rst_i, .constant_i(place_i), .off_o(off));
  stream_rules #(.WORD_BITS(2)) m_rules (
      .clk_i, .rst_i(off), .tdata(m_axis_tdata), .tvalid(m_axis_tvalid), .tready(m_axis_tready));
  logic signed [2:0] ahead;
  scoreboard #(.WORD_BITS(2), .IN_WORDS(WORDS), .OUT_WORDS(WORDS), .FRAMES(2)) board (
      .clk_i, .rst_i(off), .choose_i, .place_i, .s_axis_tdata(data_i), .s_axis_tvalid(comes), .s_axis_tready(1'b1),
      .m_axis_tvalid, .m_axis_tready, .followed_o(followed), .coming_o(), .seen_o(seen), .word_o(word),
      .in_index_o(in_index), .out_index_o(out_index), .ahead_o(ahead));
  responds #(.CYCLES(3)) prompt (.clk_i, .rst_i(off), .due_i(ahead > 0), .event_i(m_axis_tvalid));
  responds #(.CYCLES(WORDS + 4)) accepts (
      .clk_i, .rst_i(off), .due_i(m_axis_tready && begun == '0), .event_i(room));
  wire unused = &{1'b0, in_index};

  // --- which of the frame's words, as they came, is on offer --------------------------------------------------------------
  localparam int unsigned BLOCK_WORDS = ROWS * WIDTH * GROUPS;
  wire [IN_BITS-1:0] block = out_index / IN_BITS'(BLOCK_WORDS);
  wire [IN_BITS-1:0] word_of_block = out_index % IN_BITS'(BLOCK_WORDS);
  wire [IN_BITS-1:0] pixels =
      (block == IN_BITS'((HEIGHT - 1) / ROWS) ? IN_BITS'(LAST_ROWS) : IN_BITS'(ROWS)) * IN_BITS'(WIDTH);
  wire [IN_BITS-1:0] source =
      block * IN_BITS'(BLOCK_WORDS) + word_of_block % IN_BITS'(GROUPS) * pixels + word_of_block / IN_BITS'(GROUPS);
  always_comb begin
    if (!off) begin
      if (m_axis_tvalid && followed && source == place_i) order : assert (seen && m_axis_tdata == word);
      stall : cover (m_axis_tvalid && !m_axis_tready);
    end
  end

endmodule

`default_nettype wire
