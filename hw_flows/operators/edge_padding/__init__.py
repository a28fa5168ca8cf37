# SPDX-License-Identifier: BSD-3-Clause
"""Padding by the image's own pixels: mirrored at its edge, or its edge repeated."""
