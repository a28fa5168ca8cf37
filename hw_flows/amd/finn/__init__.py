# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own Zynq build with our operators inside: what it needs, the process that runs it, what it leaves."""
