"""All parts, in the order of the page."""

from __future__ import annotations

from trust import machine_faults, reproducible
from trust.part import Part

PARTS: tuple[Part, ...] = (machine_faults.PART, reproducible.PART)
