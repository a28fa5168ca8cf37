"""All parts, in the order of the page."""

from __future__ import annotations

from trust import proofs
from trust.part import Part

PARTS: tuple[Part, ...] = (proofs.PART,)
