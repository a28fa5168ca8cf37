# SPDX-License-Identifier: BSD-3-Clause
"""Place and route, and what makes a bitstream of it: one file a tool."""
