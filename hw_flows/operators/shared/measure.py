# SPDX-License-Identifier: BSD-3-Clause
"""Scales that have a common measure: integers of one scale can be added."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from qonnx.core.datatype import BaseDataType, DataType

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


def sum_bits(datatypes: Sequence[BaseDataType], factors: Sequence[int]) -> int:
    """Bits of the narrowest integer type for the sum of elements of `datatypes`, each times its factor."""
    return int(sum_datatype(datatypes, factors).bitwidth())


def sum_datatype(datatypes: Sequence[BaseDataType], factors: Sequence[int]) -> BaseDataType:
    """The narrowest integer type for the sum of elements of `datatypes`, each times its factor."""
    ends = [sorted((f * int(d.min()), f * int(d.max()))) for d, f in zip(datatypes, factors, strict=True)]
    low, high = sum(low for low, _ in ends), sum(high for _, high in ends)
    return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))
