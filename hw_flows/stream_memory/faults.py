# SPDX-License-Identifier: BSD-3-Clause
"""What can go wrong with streams that wait in memory, from bit 4 of `status_o` of `qu_stream_memory` on."""

FIRST_BIT = 4
FAULTS = (
    "the memory answered a write with an error",
    "the memory answered a read with an error",
    "the memory answered what nobody asked for, or ended a burst at a wrong word",
)
