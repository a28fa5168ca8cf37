# SPDX-License-Identifier: BSD-3-Clause
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.accelerator import Element
from hw_flows.drivers.words import pack, slot_bytes, unpack
from hw_flows.simulate import pack as simulator


@pytest.mark.parametrize(
    ("width", "size"),
    [(1, 1), (8, 1), (9, 2), (16, 2), (17, 4), (32, 4), (33, 8), (64, 8), (65, 12), (96, 12), (97, 16), (300, 40)],
)
def test_a_slot_is_the_next_power_of_two_of_bytes_and_above_32_bits_a_multiple_of_32(width, size):
    assert slot_bytes(width) == size


def test_lane_0_lies_in_the_lowest_bits_and_the_lowest_byte_comes_first():
    assert pack(np.array([[1, 2, 3]]), bits=4, signed=False, lanes=3) == bytes((0x21, 0x03))
    assert pack(np.array([[-1, 0]]), bits=5, signed=True, lanes=2) == bytes((0x1F, 0x00))


@given(st.integers(1, 20), st.booleans(), st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_what_was_packed_is_unpacked(bits, signed, lanes, words, seed):
    low = -(1 << (bits - 1)) if signed else 0
    values = np.random.default_rng(seed).integers(low, low + (1 << bits), (words, lanes))
    data = pack(values, bits, signed, lanes)
    assert len(data) == words * slot_bytes(bits * lanes)
    assert np.array_equal(unpack(data, bits, signed, lanes), values)
    assert data == simulator.pack(values, Element(bits, signed), lanes), "the simulator has the same layout"


def test_values_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"0\.\.8 do not fit 3 bits unsigned"):
        pack(np.array([0, 8]), 3, False, 1)
    with pytest.raises(ValueError, match="not integers"):
        pack(np.array([0.5]), 3, False, 1)
    with pytest.raises(ValueError, match="whole slots"):
        unpack(b"123", 12, False, 1)
