# SPDX-License-Identifier: BSD-3-Clause
"""Max-pool with overlapping or padded windows, average pool and global average pool: one axis after the other."""
