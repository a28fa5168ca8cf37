"""Matrix-vector unit: integer vectors times a constant matrix, PE outputs of SIMD products each per cycle.

`matrix_vector.sv` sequences the folds; `replay_buffer.sv` gives each input vector once per fold of outputs; `weights.sv` is the
weight memory; `dot_product.sv` one output's SIMD products and their sum, in LUTs from `booth_chain.sv` (weights as radix-4
Booth digits) or in DSP slices from `multipliers.sv`; `adder_tree.sv` sums what they leave.
"""
