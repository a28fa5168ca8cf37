"""FIFO on a stream: exactly `depth` words, both handshakes independent, storage by size.

`fifo.sv` picks one of three: shift registers (`fifo_shift.sv`), LUT memory (`fifo_distributed.sv`) or block memory with a
read-ahead register (`fifo_block.sv`). Which one is decided in Python by predicted cost, or by FINN's `ram_style`.
"""
