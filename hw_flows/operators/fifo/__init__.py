# SPDX-License-Identifier: BSD-3-Clause
"""FIFO on a stream: exactly `depth` words, both handshakes independent, storage by size.

`qu_fifo.sv` picks one of three: shift registers (`qu_fifo_shift.sv`), LUT memory (`qu_fifo_distributed.sv`) or block memory with a
read-ahead register (`qu_fifo_block.sv`). Which one is decided in Python by predicted cost, or by FINN's `ram_style`.
"""
