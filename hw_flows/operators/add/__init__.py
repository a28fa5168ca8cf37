# SPDX-License-Identifier: BSD-3-Clause
"""Addition of two streams, each times an integer, as at the end of a residual block or of a skip connection that adds."""
