# SPDX-License-Identifier: BSD-3-Clause
"""Behaviour in Verilog of the 7-series block memories: their modes, and cascades of two memories of 32 K x 1."""

from __future__ import annotations

from hw_flows.families.amd.verilog import ALONE, block_memory

_MODE = """
  localparam SDP = RAM_MODE == "SDP";
"""

#: Bit 15 of the address chooses the memory; the lower one's bit comes out through the upper one.
_CASCADE = """
  localparam EXTENDED_A = RAM_EXTENSION_A != "NONE", UPPER_A = RAM_EXTENSION_A == "UPPER";
  localparam EXTENDED_B = RAM_EXTENSION_B != "NONE", UPPER_B = RAM_EXTENSION_B == "UPPER";
  reg was_a = 0, was_b = 0;             // bit 15 of the address last read
  always @(posedge CLKARDCLK) if (ENARDEN) was_a <= ADDRARDADDR[15];
  always @(posedge CLKBWRCLK) if (ENBWREN) was_b <= ADDRBWRADDR[15];
  wire own_a = !EXTENDED_A || ADDRARDADDR[15] == UPPER_A;
  wire own_b = !EXTENDED_B || ADDRBWRADDR[15] == UPPER_B;
  wire through_a = UPPER_A && !was_a ? CASCADEINA : a[0];
  wire through_b = UPPER_B && !was_b ? CASCADEINB : b[0];
  assign CASCADEOUTA = a[0];
  assign CASCADEOUTB = b[0];
"""

RAMB18E1 = block_memory(16, 64, _MODE + ALONE)
RAMB36E1 = block_memory(32, 128, _MODE + _CASCADE)
