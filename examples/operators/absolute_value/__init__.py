# SPDX-License-Identifier: BSD-3-Clause
"""Absolute value of every element: an operator that lies outside of the package. docs/operators.md goes through it file by file."""
