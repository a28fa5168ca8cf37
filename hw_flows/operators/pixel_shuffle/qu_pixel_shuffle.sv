// SPDX-License-Identifier: BSD-3-Clause
// Pixel shuffle (depth to space): BLOCK_H groups of GROUP words a pixel become BLOCK_H output rows.
//
// The buffer holds BLOCK_H output rows, one after the other, so the reader simply counts; the writer goes group by group
// from one row of the buffer to the next. The next input row is written to words that have been read. One word a cycle
// in and out. s_axis_tready does not depend on m_axis_tready.
`default_nettype none

module qu_pixel_shuffle #(
    parameter int unsigned WORD_BITS = 8,  // bits of a word, at least 1
    parameter int unsigned GROUP     = 2,  // words of an input pixel for one output row, at least 1
    parameter int unsigned WIDTH     = 2,  // pixels of an input row, at least 1
    parameter int unsigned BLOCK_H   = 2,  // output rows of an input row, at least 1
    parameter int unsigned BLOCK_RAM     = 0   // 1: buffer in block memory, 0: in distributed memory
) (
    input  wire logic                 clk_i,
    input  wire logic                 rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic                 s_axis_tvalid,
    output      logic                 s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic                 m_axis_tvalid,
    input  wire logic                 m_axis_tready
);

  if (WORD_BITS < 1) begin : g_check_word_bits
    $error("%m: WORD_BITS must be at least 1");
  end
  if (GROUP < 1 || WIDTH < 1) begin : g_check_row
    $error("%m: GROUP and WIDTH must be at least 1");
  end
  if (BLOCK_H < 1) begin : g_check_block_h
    $error("%m: BLOCK_H must be at least 1");
  end

  if (BLOCK_H <= 1) begin : g_wire
    // Words already come in the order of the output.
    logic unused;
    assign unused        = &{1'b0, clk_i, rst_i};
    assign m_axis_tdata  = s_axis_tdata;
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;
  end else begin : g_shuffle
    localparam int unsigned ROW_WORDS = WIDTH * GROUP;
    localparam int unsigned DEPTH = BLOCK_H * ROW_WORDS;
    localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
    localparam int unsigned FRONT_BITS = ROW_WORDS > 0 ? $clog2(ROW_WORDS + 1) : 1;
    localparam logic [ADDRESS_BITS-1:0] ADDRESS_LAST = ADDRESS_BITS'(DEPTH - 1);
    // Steps of the write address from the end of a group, modulo 2 ** ADDRESS_BITS.
    localparam logic [ADDRESS_BITS-1:0] TO_NEXT_ROW = ADDRESS_BITS'(ROW_WORDS - GROUP + 1);
    localparam logic [ADDRESS_BITS-1:0] TO_NEXT_PIXEL = ADDRESS_BITS'(1) - ADDRESS_BITS'((BLOCK_H - 1) * ROW_WORDS);

    logic [ADDRESS_BITS-1:0] write_address, write_step, read_address;
    logic [FRONT_BITS-1:0] front;  // words of the first output row that have been written in whole groups
    logic write, read, enable, ahead, read_end, write_end;
    logic group_last, block_first, block_last;

    qu_loop_counter #(.COUNT(GROUP)) group (
        .clk_i, .rst_i, .step_i(write), .last_o(group_last));
    qu_loop_counter #(.COUNT(BLOCK_H)) block (
        .clk_i, .rst_i, .step_i(write && group_last), .last_o(block_last));

    // `ahead`: the writer is in the input row after the reader's and may only take words that have been read. In the same
    // row the reader may only take what is written of the first output row.
    assign enable        = !m_axis_tvalid || m_axis_tready;
    assign read_end      = read_address == ADDRESS_LAST;
    assign write_end     = write_address == ADDRESS_LAST;
    assign read          = enable && (ahead || read_address < ADDRESS_BITS'(front));
    assign s_axis_tready = !ahead || write_address < read_address;
    assign write         = s_axis_tvalid && s_axis_tready;

    always_comb begin
      if (!group_last) write_step = ADDRESS_BITS'(1);
      else write_step = block_last ? TO_NEXT_PIXEL : TO_NEXT_ROW;
    end

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        write_address <= '0;
        read_address  <= '0;
        front         <= '0;
        block_first   <= 1'b1;
        ahead         <= 1'b0;
        m_axis_tvalid <= 1'b0;
      end else begin
        if (write) begin
          if (group_last) block_first <= block_last;
          write_address <= write_end ? '0 : write_address + write_step;
          if (write_end) front <= '0;
          else if (group_last && block_first) front <= front + FRONT_BITS'(GROUP);
        end
        if (read) read_address <= read_end ? '0 : read_address + 1'b1;
        if (write && write_end) ahead <= 1'b1;
        else if (read && read_end) ahead <= 1'b0;
        if (enable) m_axis_tvalid <= read;
      end
    end

    qu_simple_dual_port_ram #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .BLOCK_RAM(BLOCK_RAM)) rows (
        .clk_i,
        .write_i        (write),
        .write_address_i(write_address),
        .write_data_i   (s_axis_tdata),
        .read_i         (read),
        .read_address_i (read_address),
        .read_data_o    (m_axis_tdata)
    );
  end

endmodule

`default_nettype wire
