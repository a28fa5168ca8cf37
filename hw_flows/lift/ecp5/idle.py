# SPDX-License-Identifier: BSD-3-Clause
"""What may be on in a bitstream without effect where nothing in use has asked for it."""

from __future__ import annotations

#: Patterns of tiles, and of what ecpunpack says of them.
IDLE: tuple[tuple[str, str], ...] = (
    # Switches that lead nowhere, and ties of inputs of what is not in use.
    (r".*", r"arc: .*"),
    (r".*", r"enum: CIB\.J\w+MUX [01]"),
    # Logic, and flip-flops, whose outputs nobody reads.
    (r".*:PLC2", r"(?:word|enum): SLICE[A-D]\..*"),
    (r".*:PLC2", r"enum: (?:CLK|LSR)[01]\..*"),
)
#: The same for what is no logic: the voltages of a bank of pins, how the device is configured; and bits that nextpnr sets in every
#: bitstream of a device, also of an empty design, and that the database has no names for (a sensor; on the largest device pins
#: that no package has).
NO_LOGIC: tuple[tuple[str, str], ...] = (
    (r".*:BANKREF\d\w?", r"enum: BANK\.(?:VCCIO|DIFF_REF|LVDSO|VREF) \w+"),
    (r".*:EFB\d_PICB\d", r"enum: SYSCONFIG\.\w+ \w+"),
    (r"MIB_R13C3:DSP_SPINE_UL1|CIB_R10C3:PVT_COUNT2", r"unknown: F(?:2|3|5|11|13)B0"),
    (r"MIB_R95C(?:9[6-9]|10[1-8]|11[0-79]|12[0-2]):PICB[01]", r"unknown: F0B1"),
)
