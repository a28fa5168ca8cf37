# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions in groups of several channels, in or out: the vector-vector unit with a small matrix for each group."""
