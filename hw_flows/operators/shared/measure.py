# SPDX-License-Identifier: BSD-3-Clause
"""Scales that have a common measure: integers of one scale can be added."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

#: Scales are products of float32 numbers in float64: what differs by less differs by rounding alone.
_ROUNDING = 2.0**-45


def common_measure(scales: Sequence[float], limit: int) -> tuple[float, tuple[int, ...]] | None:
    """The largest number of which every scale is a whole multiple, and the multiples; None where one of them would be
    above `limit`. Scales are not 0; a negative one has a negative multiple."""
    first = scales[0]
    ratios = [Fraction(scale / first).limit_denominator(limit) for scale in scales]
    if any(abs(float(r) * first - s) > _ROUNDING * abs(s) for r, s in zip(ratios, scales, strict=True)):
        return None
    whole = [int(ratio * lcm(*(r.denominator for r in ratios))) for ratio in ratios]
    divisor = gcd(*whole) if first > 0 else -gcd(*whole)
    multiples = tuple(multiple // divisor for multiple in whole)
    if 0 in multiples or max(map(abs, multiples)) > limit:
        return None
    exact = min(
        range(len(scales)), key=lambda i: abs(multiples[i])
    )  # a multiple of 1 gives the measure without rounding
    return scales[exact] / multiples[exact], multiples
