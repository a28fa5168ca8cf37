"""Formal proofs of the stream primitives: `python -m proofs` runs them with SymbiYosys and prints what holds."""
