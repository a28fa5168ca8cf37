# SPDX-License-Identifier: BSD-3-Clause
"""Behaviour in Verilog of AMD's block memories, which have ports and timing only in Yosys' models.

The behaviour is that of UG473 (7 Series memory resources) and UG573 (UltraScale) for what Yosys uses: no output register, no
inverted pins. A port of 9, 18, 36 or 72 bits keeps one parity bit beside each byte; addresses count bits.
"""

from __future__ import annotations

_BEHAVIOUR = """
  localparam PORT = {port};             // data bits of a port
  localparam DEPTH_BITS = $clog2({bits});
  localparam RA = READ_WIDTH_A >= 9 ? READ_WIDTH_A / 9 * 8 : READ_WIDTH_A;
  localparam RB = READ_WIDTH_B >= 9 ? READ_WIDTH_B / 9 * 8 : READ_WIDTH_B;
  localparam WA = WRITE_WIDTH_A >= 9 ? WRITE_WIDTH_A / 9 * 8 : WRITE_WIDTH_A;
  localparam WB = WRITE_WIDTH_B >= 9 ? WRITE_WIDTH_B / 9 * 8 : WRITE_WIDTH_B;
  // untyped parameters are as wide as what they are given
{rows}
  reg [{bits}-1:0] data = {{{init}}};
  reg [{bits}/8-1:0] parity = {{{initp}}};
  reg [2*PORT-1:0] a = 0, b = 0;        // what the ports have read
  reg [PORT/4-1:0] pa = 0, pb = 0;
  wire [DEPTH_BITS-1:0] address_a = ADDRARDADDR[DEPTH_BITS-1:0];
  wire [DEPTH_BITS-1:0] address_b = ADDRBWRADDR[DEPTH_BITS-1:0];
  integer i;

{generation}
  wire [2*PORT-1:0] di = {{DIBDI, DIADI}};
  wire [PORT/4-1:0] dip = {{DIPBDIP, DIPADIP}};
  wire [PORT/8-1:0] wea = WEA & {{PORT/8{{own_a}}}};
  wire [PORT/4-1:0] web = WEBWE & {{PORT/4{{own_b}}}};

  initial if (DOA_REG != 0 || DOB_REG != 0 || IS_CLKARDCLK_INVERTED || IS_CLKBWRCLK_INVERTED
              || IS_ENARDEN_INVERTED || IS_ENBWREN_INVERTED) begin
    $display("%m: block memory configuration without a model");
    $finish;
  end

  assign {{DOBDO, DOADO}} = SDP ? a : {{b[PORT-1:1], through_b, a[PORT-1:1], through_a}};
  assign {{DOPBDOP, DOPADOP}} = SDP ? pa : {{pb[PORT/8-1:0], pa[PORT/8-1:0]}};

  // Both ports read what was stored before the clock edge (READ_FIRST); WRITE_FIRST passes a port's own word.
  always @(posedge CLKARDCLK) if (ENARDEN) begin
    for (i = 0; i < RA; i = i + 1)
      if (!(WA != 0 && WRITE_MODE_A == "NO_CHANGE" && |wea))
        a[i] <= WA != 0 && WRITE_MODE_A == "WRITE_FIRST" && wea[i / 8] ? DIADI[i % PORT]
                                                                       : data[address_a / RA * RA + i];
    for (i = 0; i < RA / 8; i = i + 1)
      if (!(WA != 0 && WRITE_MODE_A == "NO_CHANGE" && |wea))
        pa[i] <= WA != 0 && WRITE_MODE_A == "WRITE_FIRST" && wea[i] ? DIPADIP[i % (PORT / 8)]
                                                                    : parity[address_a / RA * RA / 8 + i];
    for (i = 0; i < WA; i = i + 1) if (wea[i / 8]) data[address_a / WA * WA + i] <= DIADI[i % PORT];
    for (i = 0; i < WA / 8; i = i + 1) if (wea[i]) parity[address_a / WA * WA / 8 + i] <= DIPADIP[i % (PORT / 8)];
  end

  always @(posedge CLKBWRCLK) if (ENBWREN) begin
    for (i = 0; i < RB; i = i + 1)
      if (!(WB != 0 && WRITE_MODE_B == "NO_CHANGE" && |web))
        b[i] <= WB != 0 && WRITE_MODE_B == "WRITE_FIRST" && web[i / 8] ? DIBDI[i % PORT]
                                                                         : data[address_b / RB * RB + i];
    for (i = 0; i < RB / 8; i = i + 1)
      if (!(WB != 0 && WRITE_MODE_B == "NO_CHANGE" && |web))
        pb[i] <= WB != 0 && WRITE_MODE_B == "WRITE_FIRST" && web[i] ? DIPBDIP[i % (PORT / 8)]
                                                                      : parity[address_b / RB * RB / 8 + i];
    // the widest simple dual port word comes in on both data inputs, every other one on input B
    for (i = 0; i < WB; i = i + 1)
      if (web[i / 8]) data[address_b / WB * WB + i] <= WB > PORT ? di[i] : DIBDI[i % PORT];
    for (i = 0; i < WB / 8; i = i + 1)
      if (web[i]) parity[address_b / WB * WB / 8 + i] <= WB > PORT ? dip[i] : DIPBDIP[i % (PORT / 8)];
  end
"""


#: Without a cascade.
ALONE = """
  wire own_a = 1, own_b = 1, through_a = a[0], through_b = b[0];
"""


def block_memory(port: int, rows: int, generation: str) -> str:
    """`rows` of 256 bits, of which a port has `port` data bits.

    `generation`: Verilog that says what differs between them. `SDP`: whether the words take the pins of both ports; `own_a`,
    `own_b`: whether the address of a port is in this memory; `through_a`, `through_b`: the lowest bits that come out; and the
    data pins under their names in 7-series, where they have others.
    """
    data = [f"INIT_{i:02X}" for i in reversed(range(rows))]
    parity = [f"INITP_{i:02X}" for i in reversed(range(rows // 8))]
    return _BEHAVIOUR.format(
        port=port,
        generation=generation,
        bits=rows * 256,
        rows="\n".join(f"  localparam [255:0] ROW_{name} = {name};" for name in (*data, *parity)),
        init=", ".join(f"ROW_{name}" for name in data),
        initp=", ".join(f"ROW_{name}" for name in parity),
    )
