// SPDX-License-Identifier: BSD-3-Clause
// What a host sees of the accelerator: identity, control and state in registers, both streams through one window.
//
// Writes anywhere in the window go into the input FIFO in order, reads take from the output FIFO, whatever the address
// is: a host may copy a block with rising addresses. A write to a full FIFO is dropped, a read of an empty one gives 0; both
// leave a mark in the state, and a host that looks at free_i and level_i first causes neither.
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
  assign write_refused_o = !(write_window || write_control);
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
        CONTROL:      read_data_o[CONTROL_RESET] = reset_o;
        STATE: begin
          read_data_o[STATE_DROPPED] = dropped;
          read_data_o[STATE_STARVED] = starved;
        end
        INPUT_FREE:   read_data_o = 32'(free_i);
        OUTPUT_LEVEL: read_data_o = 32'(level_i);
        CYCLES:       read_data_o = cycles;
        default:      read_refused_o = 1'b1;
      endcase
    end
  end

endmodule

`default_nettype wire
