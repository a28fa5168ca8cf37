# SPDX-License-Identifier: BSD-3-Clause
"""Whether the feedback taps in `qu_address_counter.sv` go through all addresses."""

from __future__ import annotations

import re
from math import isqrt


def bad_feedback(source: str) -> list[int]:
    """Numbers of bits, 2 to 24, for which the feedback in the text of qu_address_counter.sv misses an address."""
    rows = re.findall(r"^ +(\d+|default): return 24'h(\w+);", source, re.MULTILINE)
    taps = {24 if bits == "default" else int(bits): int(value, 16) for bits, value in rows}
    return [bits for bits in range(2, 25) if bits not in taps or not _is_primitive(taps[bits] << 1 | 1, bits)]


def _is_primitive(polynomial: int, degree: int) -> bool:
    """Whether a register with this feedback polynomial over GF(2) goes through 2**degree - 1 states."""
    if polynomial.bit_length() != degree + 1:
        return False

    def product(a: int, b: int) -> int:
        result = 0
        while b:
            result ^= a if b & 1 else 0
            a, b = a << 1, b >> 1
            a ^= polynomial if a >> degree else 0
        return result

    def power(exponent: int) -> int:
        result, base = 1, 2  # 2 is x
        while exponent:
            result = product(result, base) if exponent & 1 else result
            base, exponent = product(base, base), exponent >> 1
        return result

    states = (1 << degree) - 1
    return power(states) == 1 and all(power(states // prime) != 1 for prime in _prime_factors(states))


def _prime_factors(number: int) -> set[int]:
    divisor = next((d for d in range(2, isqrt(number) + 1) if number % d == 0), number)
    return {divisor} | (_prime_factors(number // divisor) if divisor < number else set())
