# SPDX-License-Identifier: BSD-3-Clause
"""Architectures of public libraries, repositories and papers, and a network for each feature, as files that users would bring."""
