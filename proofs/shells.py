"""Benches of the stream modules in the shells."""

from __future__ import annotations

from proofs.bench import Bench, Mutant

ALL: tuple[Bench, ...] = ()
