// SPDX-License-Identifier: BSD-3-Clause
// Brings the results of a block into raster order: they come group by group, each with all pixels, and leave pixel by pixel, each
// with all groups.
//
// The memory holds BLOCKS blocks. A block that is begun has its place from begin_i on, until it has been sent.
// m_axis_tvalid does not wait for m_axis_tready.
`default_nettype none

module qu_block_writer #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word
    parameter int unsigned GROUPS = 2,     // words of a pixel, at least 1
    parameter int unsigned HEIGHT = 4,     // rows of a frame
    parameter int unsigned WIDTH = 4,      // pixels of a row
    parameter int unsigned ROWS = 2,       // rows of a block, 1 to HEIGHT; a frame's last block may have fewer
    parameter int unsigned BLOCKS = 1,     // 1 or 2
    parameter int unsigned BLOCK_RAM = 0   // 1: in block memory, 0: in distributed memory
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    output      logic                 room_o,   // for another block
    input  wire logic                 begin_i,  // the results of a block will come; only with room_o
    input  wire logic [WORD_BITS-1:0] data_i,
    input  wire logic                 valid_i,
    input  wire logic                 last_i,   // of a group
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  if (BLOCKS < 1 || BLOCKS > 2 || GROUPS < 1 || ROWS < 1 || ROWS > HEIGHT) begin : g_check_sizes
    $error("%m: BLOCKS (%0d) must be 1 or 2, GROUPS at least 1, ROWS (%0d) 1 to HEIGHT (%0d)", BLOCKS, ROWS, HEIGHT);
  end

  localparam int unsigned BLOCK_WORDS = ROWS * WIDTH * GROUPS;
  localparam int unsigned LAST_WORDS = (ROWS > 0 ? (HEIGHT - 1) % ROWS + 1 : 1) * WIDTH * GROUPS;
  localparam int unsigned DEPTH = BLOCKS * BLOCK_WORDS;
  localparam int unsigned BITS = $clog2(DEPTH);
  localparam int unsigned COUNT_BITS = $clog2(BLOCK_WORDS);
  localparam int unsigned GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int unsigned FRAME_BLOCKS = ROWS > 0 ? (HEIGHT + ROWS - 1) / ROWS : 1;

  // --- blocks: begun and not sent, complete and not sent ----------------------------------------------------------------
  logic [1:0] begun, complete;
  logic block_written, block_sent;
  assign room_o = begun != 2'(BLOCKS);
  always_ff @(posedge clk_i) begin
    if (rst_i) {begun, complete} <= '0;
    else begin
      begun <= begun + 2'(begin_i) - 2'(block_sent);
      complete <= complete + 2'(block_written) - 2'(block_sent);
    end
  end

  // --- writing: all pixels of a group, GROUPS words apart -----------------------------------------------------------------
  logic [GROUP_BITS-1:0] group;
  logic [BITS-1:0] write_address, write_base, read_base;
  wire group_last = group == GROUP_BITS'(GROUPS - 1);
  assign block_written = valid_i && last_i && group_last;
  if (BLOCKS == 2) begin : g_two
    logic write_second, read_second;
    always_ff @(posedge clk_i) begin
      if (rst_i) {write_second, read_second} <= '0;
      else {write_second, read_second} <= {write_second, read_second} ^ {block_written, block_sent};
    end
    // Where the next group, and the next block to send, begin.
    assign write_base = (write_second ^ group_last) ? BITS'(BLOCK_WORDS) : '0;
    assign read_base = read_second ? '0 : BITS'(BLOCK_WORDS);
  end else begin : g_one
    assign write_base = '0;
    assign read_base = '0;
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      group <= '0;
      write_address <= '0;
    end else if (valid_i) begin
      if (last_i) group <= group_last ? '0 : group + 1'b1;
      write_address <= !last_i ? write_address + BITS'(GROUPS) : group_last ? write_base : write_base + BITS'(group) + 1'b1;
    end
  end

  // --- sending ----------------------------------------------------------------------------------------------------------
  logic [COUNT_BITS-1:0] sent;  // words of the block
  logic [BITS-1:0] read_address;
  logic frame_last;
  qu_loop_counter #(.COUNT(FRAME_BLOCKS)) block (.clk_i, .rst_i, .step_i(block_sent), .last_o(frame_last));
  wire enable = !m_axis_tvalid || m_axis_tready;
  wire read = enable && complete != '0;
  assign block_sent = read && sent == (frame_last ? COUNT_BITS'(LAST_WORDS - 1) : COUNT_BITS'(BLOCK_WORDS - 1));
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sent <= '0;
      read_address <= '0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (enable) m_axis_tvalid <= read;
      if (read) begin
        sent <= block_sent ? '0 : sent + 1'b1;
        read_address <= block_sent ? read_base : read_address + 1'b1;
      end
    end
  end

  qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) ram (
      .clk_i,
      .write_i(valid_i),
      .write_address_i(write_address),
      .write_data_i(data_i),
      .read_i(read),
      .read_address_i(read_address),
      .read_data_o(m_axis_tdata)
  );

endmodule

`default_nettype wire
