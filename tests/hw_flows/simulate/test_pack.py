# SPDX-License-Identifier: BSD-3-Clause
"""Packing integers into the simulator's words and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.accelerator import Element
from hw_flows.simulate.pack import bytes_per_word, pack, unpack


def test_words_take_the_bytes_that_verilator_uses():
    widths = (1, 8, 9, 16, 17, 32, 33, 64, 65, 96, 97)
    assert [bytes_per_word(width) for width in widths] == [1, 1, 2, 2, 4, 4, 8, 8, 12, 12, 16]


def test_lane_zero_lies_in_the_lowest_bits():
    assert pack(np.array([1, 2, 3]), Element(4, False), 3) == bytes([0x21, 0x03])


def test_negative_values_are_twos_complement():
    assert pack(np.array([-1, -4]), Element(3, True), 2) == bytes([0b100_111])


@given(st.data())
def test_unpack_inverts_pack(data):
    element = Element(data.draw(st.integers(1, 20)), data.draw(st.booleans()))
    lanes = data.draw(st.integers(1, 12))
    words = data.draw(st.integers(1, 6))
    numbers = st.integers(element.minimum, element.maximum)
    values = np.array(data.draw(st.lists(numbers, min_size=lanes * words, max_size=lanes * words)))
    packed = pack(values, element, lanes)
    assert len(packed) == words * bytes_per_word(lanes * element.bits)
    assert np.array_equal(unpack(packed, element, lanes), values.reshape(words, lanes))


@pytest.mark.parametrize("value", [8, -9, 0.5])
def test_what_does_not_fit_is_refused(value):
    with pytest.raises(ValueError, match="fit|integers"):
        pack(np.array([value]), Element(4, True), 1)
