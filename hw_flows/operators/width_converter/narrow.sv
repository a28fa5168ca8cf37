// One input word becomes RATIO output words, the lowest bits first.
//
// The input word waits in its source (a stream holds its data until it is accepted), so there is no register here: tvalid
// passes through, and s_axis_tready depends combinationally on m_axis_tready.
`default_nettype none

module narrow #(
    parameter int unsigned OUT_WIDTH = 8,  // bits of an output word, at least 1
    parameter int unsigned RATIO = 2       // output words per input word, at least 2
) (
    input  wire logic                       clk_i,
    input  wire logic                       rst_i,
    input  wire logic [OUT_WIDTH*RATIO-1:0] s_axis_tdata,
    input  wire logic                       s_axis_tvalid,
    output      logic                       s_axis_tready,
    output      logic [OUT_WIDTH-1:0]       m_axis_tdata,
    output      logic                       m_axis_tvalid,
    input  wire logic                       m_axis_tready
);

  localparam int unsigned COUNT_BITS = $clog2(RATIO);

  logic [COUNT_BITS-1:0] part;
  wire last = part == COUNT_BITS'(RATIO - 1);

  assign m_axis_tdata = s_axis_tdata[part*OUT_WIDTH+:OUT_WIDTH];
  assign m_axis_tvalid = s_axis_tvalid;
  assign s_axis_tready = last && m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (rst_i) part <= '0;
    else if (s_axis_tvalid && m_axis_tready) part <= last ? '0 : part + 1'b1;
  end

endmodule

`default_nettype wire
