// SPDX-License-Identifier: BSD-3-Clause
// 32-bit bus words to stream words: a stream word lies in the lowest bits of a slot, slots follow each other little endian.
//
// A slot is 8, 16 or 32 bits, above that a multiple of 32. Every frame starts in a bus word of its own: what is left of the
// last bus word of a frame is skipped.
`default_nettype none

module qu_slots_to_words #(
    parameter int unsigned WORD_BITS = 8,  // bits of a stream word, 1 to SLOT
    parameter int unsigned SLOT = 8,   // bits of a slot: 8, 16 or a multiple of 32
    parameter int unsigned WORDS = 16  // stream words per frame, at least 1
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [     31:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [WORD_BITS-1:0] m_axis_tdata,
    output      logic             m_axis_tvalid,
    input  wire logic             m_axis_tready
);

  if (WORD_BITS < 1 || WORD_BITS > SLOT) begin : g_check_width
    $error("%m: WORD_BITS (%0d) must be 1 to SLOT (%0d)", WORD_BITS, SLOT);
  end
  if (SLOT != 8 && SLOT != 16 && (SLOT == 0 || SLOT % 32 != 0)) begin : g_check_slot
    $error("%m: SLOT (%0d) must be 8, 16 or a multiple of 32", SLOT);
  end
  if (WORDS < 1) begin : g_check_words
    $error("%m: WORDS must be at least 1");
  end

  if (SLOT == 32) begin : g_same
    // Bits above WORD_BITS are not part of the word.
    logic unused;
    assign unused = &{1'b0, clk_i, rst_i, s_axis_tdata};
    assign m_axis_tdata  = WORD_BITS'(s_axis_tdata);
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;
  end else if (SLOT < 32) begin : g_split
    localparam int unsigned SLOTS = 32 / SLOT;
    localparam int unsigned SLOT_BITS = $clog2(SLOTS);

    logic [SLOT_BITS-1:0] slot;
    wire pop = m_axis_tvalid && m_axis_tready;
    logic last;  // of this bus word or of the frame
    assign m_axis_tdata  = s_axis_tdata[slot*SLOT+:WORD_BITS];
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready && last;

    if (WORDS % SLOTS == 0) begin : g_whole
      assign last = slot == '1;
    end else begin : g_partial
      logic frame_end;
      qu_loop_counter #(.COUNT(WORDS)) words (.clk_i, .rst_i, .step_i(pop), .last_o(frame_end));
      assign last = slot == '1 || frame_end;
    end

    // The last slot's upper bits are not part of a word.
    logic unused;
    assign unused = &{1'b0, s_axis_tdata};

    always_ff @(posedge clk_i) begin
      if (rst_i) slot <= '0;
      else if (pop) slot <= last ? '0 : slot + 1'b1;
    end
  end else begin : g_collect
    localparam int unsigned PARTS = SLOT / 32;
    localparam int unsigned PART_BITS = $clog2(PARTS);

    logic [SLOT-1:0] word;
    logic [PART_BITS-1:0] part;
    wire push = s_axis_tvalid && s_axis_tready;
    logic unused;
    assign unused = &{1'b0, word};
    assign m_axis_tdata  = WORD_BITS'(word);
    assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

    always_ff @(posedge clk_i) begin
      if (push) word <= {s_axis_tdata, word[SLOT-1:32]};
      if (rst_i) begin
        part <= '0;
        m_axis_tvalid <= 1'b0;
      end else begin
        if (m_axis_tready) m_axis_tvalid <= 1'b0;
        if (push) begin
          part <= part == PART_BITS'(PARTS - 1) ? '0 : part + 1'b1;
          m_axis_tvalid <= part == PART_BITS'(PARTS - 1);
        end
      end
    end
  end

endmodule

`default_nettype wire
