# SPDX-License-Identifier: BSD-3-Clause
"""Bilinear upsampling, in whole numbers over a common denominator."""
