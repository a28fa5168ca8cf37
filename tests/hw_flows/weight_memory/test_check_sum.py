# SPDX-License-Identifier: BSD-3-Clause
"""The check sum: its polynomial is primitive, so two bits, and all that lies in 64 bits in a row, never cancel."""

from __future__ import annotations

import random

import pytest

from hw_flows.weight_memory.check_sum import ORDER, TAPS, balancing_word, power_of_x, remainder, times, times_word

FACTORS = (3, 5, 17, 257, 641, 65537, 6700417)


def by_bits(words: list[int]) -> int:
    """The remainder by long division, a bit at a time."""
    rest = 0
    for word in words:
        for bit in reversed(range(64)):
            rest = rest << 1 | word >> bit & 1
            if rest >> 64:
                rest ^= 1 << 64 | TAPS
    return rest


def some_words(count: int, seed: int = 1) -> list[int]:
    return [random.Random(f"{seed} {i}").getrandbits(64) for i in range(count)]


def test_x_runs_through_all_remainders() -> None:
    product = 1
    for factor in FACTORS:
        product *= factor
        assert power_of_x(ORDER // factor) != 1
    assert product == ORDER
    assert power_of_x(ORDER) == 1


def test_words_are_divided_as_bits_are() -> None:
    words = some_words(20)
    assert remainder(words) == by_bits(words)
    assert remainder(words[9:], remainder(words[:9])) == remainder(words)


@pytest.mark.parametrize("exponent", [0, 1, 63, 64, 65, 1000, -1, -64 * 77])
def test_powers_are_products(exponent: int) -> None:
    assert times(power_of_x(exponent), power_of_x(-exponent)) == 1
    assert times(power_of_x(exponent), power_of_x(64)) == times_word(power_of_x(exponent))


@pytest.mark.parametrize("behind", [0, 1, 2, 15, 300])
def test_a_word_balances_the_others(behind: int) -> None:
    words = [*some_words(3), 0, *some_words(behind, 2)]
    words[3] = balancing_word(remainder(words), behind)
    assert remainder(words) == 0


def test_a_flipped_bit_is_seen_wherever_it_is() -> None:
    words = some_words(6)
    right = remainder(words)
    for bit in range(64 * 6):
        words[bit // 64] ^= 1 << bit % 64
        assert remainder(words) != right
        words[bit // 64] ^= 1 << bit % 64
