# SPDX-License-Identifier: BSD-3-Clause
"""Sliding window that feeds a matrix-vector unit with the inputs of each output pixel of a dense convolution
(FINN's ConvolutionInputGenerator)."""
