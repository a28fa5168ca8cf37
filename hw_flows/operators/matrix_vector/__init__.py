# SPDX-License-Identifier: BSD-3-Clause
"""Matrix-vector unit: integer vectors times a constant matrix, PE outputs of SIMD products each per cycle.

`qu_matrix_vector.sv` sequences the folds; `qu_replay_buffer.sv` gives each input vector once per fold of outputs; `qu_weights.sv` is the
weight memory; `qu_dot_product.sv` one output's SIMD products and their sum, in LUTs from `qu_booth_chain.sv` (weights as radix-4
Booth digits) or in DSP slices from `qu_multipliers.sv`; `qu_adder_tree.sv` sums what they leave.
"""
