"""All parts, in the order of the page."""

from __future__ import annotations

from trust import hostile_input
from trust.part import Part

PARTS: tuple[Part, ...] = (hostile_input.PART,)
