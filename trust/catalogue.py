"""All parts, in the order of the page."""

from __future__ import annotations

from trust.finn_tests import PART as FINN_TESTS
from trust.part import Part

PARTS: tuple[Part, ...] = (FINN_TESTS,)
