// SPDX-License-Identifier: BSD-3-Clause
// What a host sees of the accelerator: identity, control and state in registers, both streams through one window.
//
// Writes anywhere in the window go into the input FIFO in order, reads take from the output FIFO, whatever the address
// is: a host may copy a block with rising addresses. A write to a full FIFO is dropped, a read of an empty one gives 0; both
// leave a mark in the state, and a host that looks at free_i and level_i first causes neither.
// With MEMORY there are registers for what reads weights from the board's memory. It stops, so that it can be started anew or
// left alone, when run_o falls; a soft reset stops it too.
`default_nettype none

module qu_registers
  import qu_zynq7_map::*;
(
    input  wire logic        clk_i,
    input  wire logic        rst_i,
    input  wire logic        write_i,
    input  wire logic [ADDRESS_BITS-1:0] write_address_i,
    input  wire logic [31:0] write_data_i,
    output      logic        write_refused_o,
    input  wire logic        read_i,
    input  wire logic [ADDRESS_BITS-1:0] read_address_i,
    output      logic [31:0] read_data_o,
    output      logic        read_refused_o,

    output      logic        reset_o,        // soft reset of FIFOs and accelerator, from the host
    output      logic        run_o,          // weights are to be read
    output      logic [31:0] base_o,         // from here, in bytes
    input  wire logic [31:0] status_i,       // of what reads them
    input  wire logic [FIFO_LEVEL_BITS-1:0] free_i,   // words that the input FIFO can take
    output      logic [31:0] in_tdata,
    output      logic        in_tvalid,
    input  wire logic        in_tready,
    input  wire logic [FIFO_LEVEL_BITS-1:0] level_i,  // words in the output FIFO
    input  wire logic [31:0] out_tdata,
    input  wire logic        out_tvalid,
    output      logic        out_tready
);

  logic [31:0] cycles;
  logic dropped, starved;  // a word was written to a full FIFO; an empty one was read

  // --- writes
  wire write_window = write_address_i >= WINDOW;
  wire write_control = write_address_i == CONTROL;
  wire write_base = MEMORY && write_address_i == WEIGHTS_BASE;
  assign write_refused_o = !(write_window || write_control || write_base);
  assign in_tdata  = write_data_i;
  assign in_tvalid = write_i && write_window;

  always_ff @(posedge clk_i) begin
    if (write_i && write_control) reset_o <= write_data_i[CONTROL_RESET];
    if (in_tvalid && !in_tready) dropped <= 1'b1;
    if (out_tready && !out_tvalid) starved <= 1'b1;
    cycles <= cycles + 1'b1;
    if (reset_o) begin
      dropped <= 1'b0;
      starved <= 1'b0;
    end
    if (rst_i) begin
      reset_o <= 1'b0;
      dropped <= 1'b0;
      starved <= 1'b0;
      cycles  <= '0;
    end
  end

  // --- weights in memory
  logic memory_read;  // a register of theirs
  logic [31:0] memory_data;
  logic control_run;
  if (MEMORY) begin : g_memory
    logic [31:WEIGHTS_ALIGNMENT_BITS] base;
    always_ff @(posedge clk_i) begin
      if (write_i && write_control) control_run <= write_data_i[CONTROL_RUN];
      if (write_i && write_base) base <= write_data_i[31:WEIGHTS_ALIGNMENT_BITS];
      if (rst_i) control_run <= 1'b0;
    end
    assign run_o = control_run && !reset_o;
    assign base_o = {base, WEIGHTS_ALIGNMENT_BITS'(0)};
    assign memory_read = read_address_i == WEIGHTS_BASE || read_address_i == WEIGHTS_STATUS;
    always_comb begin
      memory_data = '0;
      if (read_address_i == WEIGHTS_BASE) memory_data = base_o;
      if (read_address_i == WEIGHTS_STATUS) memory_data = status_i;
    end
  end else begin : g_on_chip
    wire unused = &{1'b0, status_i};
    assign control_run = 1'b0;
    assign run_o = 1'b0;
    assign base_o = '0;
    assign memory_read = 1'b0;
    assign memory_data = '0;
  end

  // --- reads
  assign out_tready = read_i && read_address_i >= WINDOW;

  always_comb begin
    read_refused_o = 1'b0;
    read_data_o = '0;
    if (read_address_i >= WINDOW) read_data_o = out_tvalid ? out_tdata : '0;
    else begin
      case (read_address_i)
        MAGIC:        read_data_o = MAGIC_VALUE;
        VERSION:      read_data_o = VERSION_VALUE;
        IDENTITY_HIGH: read_data_o = IDENTITY_VALUE[63:32];
        IDENTITY_LOW: read_data_o = IDENTITY_VALUE[31:0];
        CONTROL: begin
          read_data_o[CONTROL_RESET] = reset_o;
          read_data_o[CONTROL_RUN] = control_run;
        end
        STATE: begin
          read_data_o[STATE_DROPPED] = dropped;
          read_data_o[STATE_STARVED] = starved;
        end
        INPUT_FREE:   read_data_o = 32'(free_i);
        OUTPUT_LEVEL: read_data_o = 32'(level_i);
        CYCLES:       read_data_o = cycles;
        default: begin
          read_data_o = memory_data;
          read_refused_o = !memory_read;
        end
      endcase
    end
  end

endmodule

`default_nettype wire
