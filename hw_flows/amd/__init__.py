# SPDX-License-Identifier: BSD-3-Clause
"""Flows through AMD's own tools: `vivado` (our RTL shell, a batch script) and `finn` (FINN's ZynqBuild).

Both are tested against stand-ins for the tools that check what they are given and answer in the tools' own formats. No
version of Vivado or Vitis HLS has run them yet: `UNPROVEN` says so wherever a result is shown.
"""

UNPROVEN = (
    "tested against a stand-in for AMD's tools only; neither the scripts nor a bitstream have met the real ones yet"
)
