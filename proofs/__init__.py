# SPDX-License-Identifier: BSD-3-Clause
"""Formal proofs of the stream primitives: `python -m proofs` runs them with SymbiYosys and prints what holds."""
