# SPDX-License-Identifier: BSD-3-Clause
"""Integers into words of a stream and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.machine.errors import UserError
from hw_flows.weight_memory.words import pack_tiles, unpack_tiles, words_of

ALL = np.arange(6).reshape(2, 3)


def test_a_tile_begins_on_a_new_word_with_its_first_element_lowest() -> None:
    words = pack_tiles(np.array([1, -1, 2, 3, 0, -4]), 3, ALL, 4)
    # 1, -1, 2 are 001, 111, 010: 010111001 from the highest bit down, in words of four bits
    assert [int("".join(map(str, word[::-1])), 2) for word in words] == [0b1001, 0b1011, 0b0, 0b0011, 0b0000, 0b1]


def test_bytes_are_words_lowest_bit_first() -> None:
    words = words_of(np.array([0x21, 0x43, 0x65], np.uint8), 12)
    assert [int("".join(map(str, word[::-1])), 2) for word in words] == [0x321, 0x654]
    with pytest.raises(UserError, match="3 bytes are no words of 16 bits"):
        words_of(np.zeros(3, np.uint8), 16)


def test_the_order_is_whatever_it_is_said_to_be() -> None:
    weights = np.arange(12).reshape(3, 4) - 6
    by_column = pack_tiles(weights, 4, lambda shape: np.arange(12).reshape(shape).T, 12)
    assert np.array_equal(by_column, pack_tiles(weights.T, 4, np.arange(12).reshape(4, 3), 12))


@settings(deadline=None)
@given(st.data())
def test_what_is_packed_can_be_unpacked(data: st.DataObject) -> None:
    bits, signed = data.draw(st.integers(1, 12)), data.draw(st.booleans())
    tiles, elements, word_bits = (
        data.draw(st.integers(1, 5)),
        data.draw(st.integers(1, 7)),
        data.draw(st.integers(1, 40)),
    )
    low = -(1 << (bits - 1)) if signed else 0
    numbers = st.integers(low, low + (1 << bits) - 1)
    shape = (elements, tiles)
    values = np.array(data.draw(st.lists(numbers, min_size=tiles * elements, max_size=tiles * elements))).reshape(shape)
    order = np.array(data.draw(st.permutations(range(values.size)))).reshape(tiles, elements)
    words = pack_tiles(values, bits, order, word_bits, signed=signed)
    assert words.shape == (tiles * -(-elements * bits // word_bits), word_bits)
    assert np.array_equal(unpack_tiles(words, bits, order, shape, signed=signed), values)


@pytest.mark.parametrize("value, signed", [(4, True), (-5, True), (8, False), (-1, False)])
def test_a_value_of_more_bits_is_refused(value: int, signed: bool) -> None:
    with pytest.raises(UserError, match=f"element 1 is {value}, outside"):
        pack_tiles(np.array([0, value]), 3, np.array([[0, 1]]), 8, signed=signed)


def test_an_order_beyond_the_weights_is_refused() -> None:
    with pytest.raises(UserError, match="elements that are not there"):
        pack_tiles(np.zeros(5, int), 3, ALL, 8)


def test_words_that_are_missing_are_told() -> None:
    words = pack_tiles(np.zeros(6, int), 3, ALL, 4)
    with pytest.raises(UserError, match="20 bits, not 24"):
        unpack_tiles(words[1:], 3, ALL, (6,))
