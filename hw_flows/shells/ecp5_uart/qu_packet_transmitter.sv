// SPDX-License-Identifier: BSD-3-Clause
// Packets to bytes for the line, framed as qu_packet_receiver expects them; adds flags and check sum.
//
// A packet that is cut off by reset is ended by the flag that begins the next one: its check sum cannot be right.
`default_nettype none

module qu_packet_transmitter (
    input  wire logic       clk_i,
    input  wire logic       rst_i,
    input  wire logic [7:0] s_axis_tdata,
    input  wire logic       s_axis_tlast,   // the packet's last byte
    input  wire logic       s_axis_tvalid,
    output      logic       s_axis_tready,
    output      logic [7:0] m_axis_tdata,   // to the line
    output      logic       m_axis_tvalid,
    input  wire logic       m_axis_tready
);

  localparam logic [7:0] FLAG = 8'h7E;
  localparam logic [7:0] ESCAPE = 8'h7D;

  typedef enum logic [1:0] {
    OPEN,   // the flag before a packet
    DATA,   // its bytes
    CHECK,  // its check sum
    CLOSE   // the flag behind it
  } state_t;

  state_t state;
  logic [1:0] check_byte;
  logic escaped;  // ESCAPE went out, the byte itself is next
  logic [31:0] crc;
  logic [7:0] next;

  wire free = !m_axis_tvalid || m_axis_tready;
  wire special = next == FLAG || next == ESCAPE;
  wire done = !special || escaped;  // `next` goes out whole

  always_comb begin
    next = s_axis_tdata;
    if (state == CHECK) begin
      unique case (check_byte)
        2'd0: next = ~crc[7:0];
        2'd1: next = ~crc[15:8];
        2'd2: next = ~crc[23:16];
        2'd3: next = ~crc[31:24];
      endcase
    end
  end

  assign s_axis_tready = state == DATA && free && done;

  qu_crc32 check (
      .clk_i,
      .clear_i(state == OPEN),
      .valid_i(s_axis_tvalid && s_axis_tready),
      .data_i (s_axis_tdata),
      .state_o(crc)
  );

  always_ff @(posedge clk_i) begin
    if (free) begin
      m_axis_tvalid <= 1'b0;
      unique case (state)
        OPEN: begin
          m_axis_tdata <= FLAG;
          check_byte <= 2'd0;
          escaped <= 1'b0;
          if (s_axis_tvalid) begin
            m_axis_tvalid <= 1'b1;
            state <= DATA;
          end
        end
        DATA, CHECK:
        if (state == CHECK || s_axis_tvalid) begin
          m_axis_tvalid <= 1'b1;
          m_axis_tdata <= done ? (escaped ? next ^ 8'h20 : next) : ESCAPE;
          escaped <= !done;
          if (done && state == DATA && s_axis_tlast) state <= CHECK;
          if (done && state == CHECK) begin
            check_byte <= check_byte + 1'b1;
            if (check_byte == 2'd3) state <= CLOSE;
          end
        end
        CLOSE: begin
          m_axis_tvalid <= 1'b1;
          m_axis_tdata <= FLAG;
          state <= OPEN;
        end
      endcase
    end
    if (rst_i) begin
      state <= OPEN;
      m_axis_tvalid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
