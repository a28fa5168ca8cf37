# SPDX-License-Identifier: BSD-3-Clause
"""Nearest-neighbour upsampling by integer factors (FINN's UpsampleNearestNeighbour)."""
