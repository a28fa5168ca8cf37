# SPDX-License-Identifier: BSD-3-Clause
"""Stream fork: one stream to several consumers, as at the start of a skip connection (FINN's DuplicateStreams)."""
