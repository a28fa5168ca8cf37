# SPDX-License-Identifier: BSD-3-Clause
"""The same input gives the same bytes, whoever builds it where; and nothing tells who and where it was."""

from trust.reproducible.part import PART

__all__ = ["PART"]
