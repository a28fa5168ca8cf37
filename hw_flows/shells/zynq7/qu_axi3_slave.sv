// SPDX-License-Identifier: BSD-3-Clause
// AXI3 slave of 32 bits (ARM IHI 0022, AXI3) that turns bursts into single word accesses of a plain register bus.
//
// One burst at a time and direction, answered under its own ID; FIXED, INCR and WRAP bursts of 1 to 16 beats. Nothing here
// waits for the register bus: every beat is answered a fixed number of cycles after it could be, so the bus cannot hang. An
// access that the register bus refuses is answered with SLVERR, a read of it with the data it gives.
// A write beat must be a whole aligned word (all strobes); others are refused and have no effect.
`default_nettype none

module qu_axi3_slave #(
    parameter int unsigned ID_BITS = 12,      // bits of an AXI ID, at least 1
    parameter int unsigned ADDRESS_BITS = 16  // bits of the byte address that are decoded, 7 to 32
) (
    input  wire logic               clk_i,
    input  wire logic               rst_i,
    input  wire logic [ID_BITS-1:0] s_axi_awid,
    input  wire logic [ADDRESS_BITS-1:0] s_axi_awaddr,
    input  wire logic [        3:0] s_axi_awlen,
    input  wire logic [        1:0] s_axi_awsize,
    input  wire logic [        1:0] s_axi_awburst,
    input  wire logic               s_axi_awvalid,
    output      logic               s_axi_awready,
    input  wire logic [       31:0] s_axi_wdata,
    input  wire logic [        3:0] s_axi_wstrb,
    input  wire logic               s_axi_wlast,
    input  wire logic               s_axi_wvalid,
    output      logic               s_axi_wready,
    output      logic [ID_BITS-1:0] s_axi_bid,
    output      logic [        1:0] s_axi_bresp,
    output      logic               s_axi_bvalid,
    input  wire logic               s_axi_bready,
    input  wire logic [ID_BITS-1:0] s_axi_arid,
    input  wire logic [ADDRESS_BITS-1:0] s_axi_araddr,
    input  wire logic [        3:0] s_axi_arlen,
    input  wire logic [        1:0] s_axi_arsize,
    input  wire logic [        1:0] s_axi_arburst,
    input  wire logic               s_axi_arvalid,
    output      logic               s_axi_arready,
    output      logic [ID_BITS-1:0] s_axi_rid,
    output      logic [       31:0] s_axi_rdata,
    output      logic [        1:0] s_axi_rresp,
    output      logic               s_axi_rlast,
    output      logic               s_axi_rvalid,
    input  wire logic               s_axi_rready,

    // Register bus: a write or read lasts one cycle; refused_i and read_data_i answer in the same cycle.
    output      logic                    write_o,
    output      logic [ADDRESS_BITS-1:0] write_address_o,  // byte address
    output      logic [            31:0] write_data_o,
    input  wire logic                    write_refused_i,
    output      logic                    read_o,
    output      logic [ADDRESS_BITS-1:0] read_address_o,   // byte address
    input  wire logic [            31:0] read_data_i,
    input  wire logic                    read_refused_i
);

  if (ID_BITS < 1) begin : g_check_id
    $error("%m: ID_BITS must be at least 1");
  end
  if (ADDRESS_BITS < 7 || ADDRESS_BITS > 32) begin : g_check_address
    $error("%m: ADDRESS_BITS (%0d) must be 7 to 32", ADDRESS_BITS);
  end

  localparam logic [1:0] FIXED = 2'b00, WRAP = 2'b10;
  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;
  localparam logic [1:0] WORD = 2'b10;  // AxSIZE of four bytes

  // Bits of the address that a burst may change: none (FIXED), those inside its own size (WRAP, 2, 4, 8 or 16 beats), all.
  function automatic logic [ADDRESS_BITS-1:0] moving_bits(input logic [1:0] burst, input logic [3:0] len);
    if (burst == FIXED) return '0;
    if (burst == WRAP) return ADDRESS_BITS'({len, 2'b11});
    return '1;
  endfunction

  function automatic logic [ADDRESS_BITS-1:0] next_address(input logic [ADDRESS_BITS-1:0] address, moving,
                                                           input logic [1:0] size);
    logic [ADDRESS_BITS-1:0] next;
    next = address + (ADDRESS_BITS'(1) << size);
    return (address & ~moving) | (next & moving);
  endfunction

  // --- writes: address, then beats, the last one's answer a cycle later ---------------------------------------------

  typedef enum logic [1:0] {W_ADDRESS, W_DATA, W_LAST, W_ANSWER} write_state_t;
  write_state_t write_state;
  logic [ADDRESS_BITS-1:0] write_address, write_moving;
  logic [1:0] write_size;
  logic write_beat, write_whole;  // a beat was taken in the cycle before; it was a whole word

  assign s_axi_awready = write_state == W_ADDRESS;
  assign s_axi_wready  = write_state == W_DATA;
  assign s_axi_bvalid  = write_state == W_ANSWER;
  assign write_o = write_beat && write_whole;

  always_ff @(posedge clk_i) begin
    write_beat <= 1'b0;
    unique case (write_state)
      W_ADDRESS: if (s_axi_awvalid) begin
        s_axi_bid     <= s_axi_awid;
        s_axi_bresp   <= OKAY;
        write_address <= s_axi_awaddr;
        write_moving  <= moving_bits(s_axi_awburst, s_axi_awlen);
        write_size    <= s_axi_awsize;
        write_state   <= W_DATA;
      end
      W_DATA: if (s_axi_wvalid) begin
        write_beat      <= 1'b1;
        write_whole     <= s_axi_wstrb == '1;
        write_data_o    <= s_axi_wdata;
        write_address_o <= {write_address[ADDRESS_BITS-1:2], 2'b00};
        write_address   <= next_address(write_address, write_moving, write_size);
        if (s_axi_wlast) write_state <= W_LAST;
      end
      W_LAST: write_state <= W_ANSWER;
      W_ANSWER: if (s_axi_bready) write_state <= W_ADDRESS;
    endcase
    if (write_beat && (write_refused_i || !write_whole)) s_axi_bresp <= SLVERR;
    if (rst_i) begin
      write_state <= W_ADDRESS;
      write_beat  <= 1'b0;
    end
  end

  // --- reads: address, then for every beat one cycle on the register bus and one or more on the AXI -----------------

  typedef enum logic [1:0] {R_ADDRESS, R_FETCH, R_DATA} read_state_t;
  read_state_t read_state;
  logic [ADDRESS_BITS-1:0] read_address, read_moving;
  logic [1:0] read_size;
  logic [3:0] read_left;  // beats after this one

  assign s_axi_arready  = read_state == R_ADDRESS;
  assign s_axi_rvalid   = read_state == R_DATA;
  assign read_o         = read_state == R_FETCH && read_size == WORD;
  assign read_address_o = {read_address[ADDRESS_BITS-1:2], 2'b00};

  always_ff @(posedge clk_i) begin
    unique case (read_state)
      R_ADDRESS: if (s_axi_arvalid) begin
        s_axi_rid    <= s_axi_arid;
        read_address <= s_axi_araddr;
        read_moving  <= moving_bits(s_axi_arburst, s_axi_arlen);
        read_size    <= s_axi_arsize;
        read_left    <= s_axi_arlen;
        read_state   <= R_FETCH;
      end
      R_FETCH: begin
        s_axi_rdata  <= read_data_i;
        s_axi_rresp  <= read_refused_i || read_size != WORD ? SLVERR : OKAY;
        s_axi_rlast  <= read_left == '0;
        read_address <= next_address(read_address, read_moving, read_size);
        read_left    <= read_left - 1'b1;
        read_state   <= R_DATA;
      end
      default: if (s_axi_rready) read_state <= s_axi_rlast ? R_ADDRESS : R_FETCH;
    endcase
    if (rst_i) read_state <= R_ADDRESS;
  end

endmodule

`default_nettype wire
