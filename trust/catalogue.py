"""All parts, in the order of the page."""

from __future__ import annotations

from trust.mutation import PART as MUTATION
from trust.part import Part
from trust.streams import PART as STREAMS

PARTS: tuple[Part, ...] = (STREAMS, MUTATION)
