# SPDX-License-Identifier: BSD-3-Clause
"""Vector-vector unit: each channel of a window times its own kernel, which is a depthwise convolution.

`qu_vector_vector.sv` sequences taps and channels and keeps the sums; products are those of the matrix-vector unit.
"""
