"""Concatenation of two streams along the channels, as at the end of a skip connection (FINN's StreamingConcat)."""
