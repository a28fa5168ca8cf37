# SPDX-License-Identifier: BSD-3-Clause
"""Convolution in blocks of rows, so that its weights and thresholds may come from the board's memory, once for each block.

`qu_block_reader.sv` keeps the rows and gives pixels pass by pass; `qu_block_weights.sv` takes the stream from memory apart
(`stream.py` writes it); products are the matrix-vector unit's; `qu_block_sums.sv` adds them up for each pixel;
`qu_block_thresholds.sv` quantizes; `qu_block_writer.sv` brings the results into raster order.
"""
