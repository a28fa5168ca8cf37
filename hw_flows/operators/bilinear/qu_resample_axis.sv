// SPDX-License-Identifier: BSD-3-Clause
// Where the output pixels of one axis lie among its input pixels: pixel o at (o * STEP - BEFORE) / PARTS, held at the first and
// the last input pixel. That is input pixel i and `fraction_o` / PARTS of the way to i + 1.
`default_nettype none

module qu_resample_axis #(
    parameter int unsigned IN     = 4,  // input pixels, at least 1
    parameter int unsigned OUT    = 8,  // output pixels, at least IN
    parameter int unsigned STEP   = 2,  // 1 to PARTS; the last output pixel is not before the last input pixel
    parameter int unsigned PARTS  = 4,  // at least 1
    parameter int unsigned BEFORE = 1,  // less than PARTS
    localparam int unsigned FRACTION_BITS = PARTS > 1 ? $clog2(PARTS) : 1
) (
    input  wire logic                     clk_i,
    input  wire logic                     rst_i,
    input  wire logic                     step_i,      // to the next output pixel, behind the last one to the first
    output      logic [FRACTION_BITS-1:0] fraction_o,
    output      logic                     moves_o,     // the next step is one to the next input pixel, or from the last to the first
    output      logic                     last_o       // at the last output pixel
);

  if (IN < 1 || OUT < IN) begin : g_check_size
    $error("%m: IN (%0d) must be at least 1 and at most OUT (%0d)", IN, OUT);
  end
  if (STEP < 1 || STEP > PARTS) begin : g_check_step
    $error("%m: STEP (%0d) must be at least 1 and at most PARTS (%0d)", STEP, PARTS);
  end
  if (BEFORE >= PARTS || (OUT - 1) * STEP < (IN - 1) * PARTS + BEFORE) begin : g_check_places
    $error("%m: BEFORE (%0d) must be less than PARTS and let the last output pixel reach the last input pixel", BEFORE);
  end

  // The first output pixel that is at the last input pixel.
  localparam int unsigned HELD_FROM = IN > 1 && STEP > 0 ? ((IN - 1) * PARTS + BEFORE + STEP - 1) / STEP : 0;
  localparam int unsigned INDEX_BITS = OUT > 1 ? $clog2(OUT) : 1;
  localparam int unsigned PLACE_BITS = $clog2(PARTS + 1) + 2;
  localparam logic signed [PLACE_BITS-1:0] FIRST = -PLACE_BITS'(BEFORE);

  logic [INDEX_BITS-1:0] index;
  logic signed [PLACE_BITS-1:0] place, next;  // from the input pixel
  logic held, crosses;

  assign last_o     = index == INDEX_BITS'(OUT - 1);
  assign next       = place + PLACE_BITS'(STEP);
  assign crosses    = next >= $signed(PLACE_BITS'(PARTS));
  assign moves_o    = last_o || (!held && crosses);
  assign fraction_o = held || place < 0 ? '0 : place[FRACTION_BITS-1:0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index <= '0;
      place <= FIRST;
      held  <= HELD_FROM == 0;
    end else if (step_i) begin
      index <= last_o ? '0 : index + 1'b1;
      if (last_o) place <= FIRST;
      else place <= crosses ? next - PLACE_BITS'(PARTS) : next;
      if (last_o) held <= HELD_FROM == 0;
      else if (index == INDEX_BITS'(HELD_FROM - 1)) held <= 1'b1;
    end
  end

endmodule

`default_nettype wire
