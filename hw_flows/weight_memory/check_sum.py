# SPDX-License-Identifier: BSD-3-Clause
"""The check sum of a region: a remainder over GF(2), see qu_weight_check.sv for the same in hardware.

64-bit words are the coefficients of a polynomial, the highest bit of the first word that of the highest power, divided by
x**64 + x**4 + x**3 + x + 1. That is primitive: x to no power below 2**64 - 1 is 1, so no change of two bits goes unseen.
"""

from __future__ import annotations

from collections.abc import Iterable

WORD_BITS = 64
#: The polynomial without its highest power.
TAPS = 0b11011
#: How often one can multiply by x before it is as at first.
ORDER = (1 << WORD_BITS) - 1
_MASK = (1 << WORD_BITS) - 1


def times_word(value: int) -> int:
    """`value` (64 bits) times x**64."""
    product = value ^ value << 1 ^ value << 3 ^ value << 4
    carried = product >> WORD_BITS
    return (product & _MASK) ^ carried ^ carried << 1 ^ carried << 3 ^ carried << 4


def times(a: int, b: int) -> int:
    """The product of two remainders."""
    product = 0
    for bit in reversed(range(WORD_BITS)):
        product <<= 1
        if product >> WORD_BITS:
            product ^= 1 << WORD_BITS | TAPS
        if b >> bit & 1:
            product ^= a
    return product


def power_of_x(exponent: int) -> int:
    """x to any power, also a negative one."""
    result, square, left = 1, 2, exponent % ORDER
    while left:
        if left & 1:
            result = times(result, square)
        square = times(square, square)
        left >>= 1
    return result


def remainder(words: Iterable[int], start: int = 0) -> int:
    """What is left of 64-bit words, in order; 0 of a region that is whole. `start`: the remainder of words before them."""
    rest = start
    for word in words:
        rest = times_word(rest) ^ word
    return rest


def balancing_word(rest: int, behind: int) -> int:
    """The word that makes the remainder 0 of words whose remainder is `rest` with a 0 there, `behind` words before the end."""
    return times(rest, power_of_x(-WORD_BITS * behind))
