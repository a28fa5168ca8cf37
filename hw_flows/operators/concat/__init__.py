# SPDX-License-Identifier: BSD-3-Clause
"""Concatenation of two streams along the channels, as at the end of a skip connection (FINN's StreamingConcat)."""
