// SPDX-License-Identifier: BSD-3-Clause
// Stream words to 32-bit bus words, the reverse of qu_slots_to_words: one word a slot, bits above it and slots after the last
// word of a frame are zero.
`default_nettype none

module qu_words_to_slots #(
    parameter int unsigned WORD_BITS = 8,  // bits of a stream word, 1 to SLOT
    parameter int unsigned SLOT = 8,   // bits of a slot: 8, 16 or a multiple of 32
    parameter int unsigned WORDS = 16  // stream words per frame, at least 1
) (
    input  wire logic             clk_i,
    input  wire logic             rst_i,
    input  wire logic [WORD_BITS-1:0] s_axis_tdata,
    input  wire logic             s_axis_tvalid,
    output      logic             s_axis_tready,
    output      logic [     31:0] m_axis_tdata,
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
    // Nothing to keep; the inputs are read so that no tool reports them as unused.
    logic unused;
    assign unused = &{1'b0, clk_i, rst_i};
    assign m_axis_tdata  = 32'(s_axis_tdata);
    assign m_axis_tvalid = s_axis_tvalid;
    assign s_axis_tready = m_axis_tready;
  end else if (SLOT < 32) begin : g_gather
    localparam int unsigned SLOTS = 32 / SLOT;
    localparam int unsigned SLOT_BITS = $clog2(SLOTS);

    logic [SLOT_BITS-1:0] slot;
    wire push = s_axis_tvalid && s_axis_tready;
    logic last;  // of this bus word or of the frame
    assign s_axis_tready = !m_axis_tvalid || m_axis_tready;

    if (WORDS % SLOTS == 0) begin : g_whole
      assign last = slot == '1;
    end else begin : g_partial
      logic frame_end;
      qu_loop_counter #(.COUNT(WORDS)) words (.clk_i, .rst_i, .step_i(push), .last_o(frame_end));
      assign last = slot == '1 || frame_end;
    end

    always_ff @(posedge clk_i) begin
      if (push) begin
        for (int unsigned i = 0; i < SLOTS; i++) begin
          if (SLOT_BITS'(i) == slot) m_axis_tdata[i*SLOT+:SLOT] <= SLOT'(s_axis_tdata);
          else if (slot == '0) m_axis_tdata[i*SLOT+:SLOT] <= '0;
        end
      end
      if (rst_i) begin
        slot <= '0;
        m_axis_tvalid <= 1'b0;
      end else begin
        if (m_axis_tready) m_axis_tvalid <= 1'b0;
        if (push) begin
          slot <= last ? '0 : slot + 1'b1;
          m_axis_tvalid <= last;
        end
      end
    end
  end else begin : g_split
    localparam int unsigned PARTS = SLOT / 32;
    localparam int unsigned PART_BITS = $clog2(PARTS);

    logic [SLOT-1:0] word;
    logic [PART_BITS-1:0] part;
    wire pop = m_axis_tvalid && m_axis_tready;
    wire last = part == PART_BITS'(PARTS - 1);
    wire push = s_axis_tvalid && s_axis_tready;
    assign m_axis_tdata  = word[31:0];
    assign s_axis_tready = !m_axis_tvalid || (m_axis_tready && last);

    always_ff @(posedge clk_i) begin
      if (push) word <= SLOT'(s_axis_tdata);
      else if (pop) word <= {32'b0, word[SLOT-1:32]};
      if (rst_i) begin
        part <= '0;
        m_axis_tvalid <= 1'b0;
      end else begin
        if (pop) part <= last ? '0 : part + 1'b1;
        if (push) m_axis_tvalid <= 1'b1;
        else if (pop && last) m_axis_tvalid <= 1'b0;
      end
    end
  end

endmodule

`default_nettype wire
