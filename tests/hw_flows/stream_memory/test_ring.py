# SPDX-License-Identifier: BSD-3-Clause
"""Where rings lie and how large they are; what cannot be had is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.machine.errors import UserError
from hw_flows.stream_memory.ring import BURST_BYTES, Ring, lay_out, ring_bytes, ring_words, rows_for
from hw_flows.stream_memory.write import RingOptions, write_rings


@pytest.mark.parametrize(
    "word_bits, words, rows",
    [(8, 80, 10), (8, 81, 11), (24, 9, 5), (32, 9, 5), (33, 9, 9), (64, 9, 9), (65, 9, 18), (128, 9, 18), (129, 9, 27)],
)
def test_words_lie_side_by_side_or_take_several_rows(word_bits: int, words: int, rows: int) -> None:
    assert rows_for(word_bits, words) == rows


@pytest.mark.parametrize(
    "word_bits, words, bursts", [(64, 1, 2), (64, 33, 4), (64, 64, 4), (64, 65, 8), (16, 65536, 1024)]
)
def test_a_ring_is_the_smallest_power_of_two_that_holds_its_words(word_bits: int, words: int, bursts: int) -> None:
    size = ring_bytes(word_bits, words)
    assert size == bursts * BURST_BYTES
    assert Ring("a", word_bits, words, size).bursts == bursts


@given(st.integers(1, 300), st.integers(1, 1 << 16))
def test_a_ring_of_so_many_words_holds_them_and_no_smaller_one_does(word_bits: int, words: int) -> None:
    size = ring_bytes(word_bits, words)
    assert ring_words(word_bits, size) >= words
    assert ring_bytes(word_bits, ring_words(word_bits, size)) == size
    assert size == 2 * BURST_BYTES or ring_words(word_bits, size // 2) < words


def test_rings_do_not_overlap_and_each_lies_at_a_multiple_of_its_size() -> None:
    rings = [Ring(str(i), 8, 1, BURST_BYTES << i) for i in (2, 5, 1, 5, 3)]
    first, bursts = lay_out(rings)
    taken = sorted(b for f, ring in zip(first, rings, strict=True) for b in range(f, f + ring.bursts))
    assert taken == list(range(bursts))
    assert all(f % ring.bursts == 0 for f, ring in zip(first, rings, strict=True))


def test_a_frame_takes_what_its_rows_take() -> None:
    assert Ring("a", 24, 101, 256).frame_bytes == 51 * 8


@pytest.mark.parametrize("size", [0, 64, 128, 384, 200, BURST_BYTES << 21])
def test_rings_of_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(UserError, match="a ring of"):
        Ring("a", 8, 1, size)


def test_words_without_bits_are_refused() -> None:
    with pytest.raises(UserError, match="at least 1"):
        Ring("a", 0, 1, 256)


RING = Ring("a", 8, 1, 256)


@pytest.mark.parametrize("options", [{"depth": 24}, {"depth": 8}, {"outstanding": 0}])
def test_options_that_cannot_be_had_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UserError, match="power of two"):
        write_rings([RING], RingOptions(**options))


@pytest.mark.parametrize("count", [0, 9])
def test_too_many_streams_or_none_are_refused(count: int) -> None:
    with pytest.raises(UserError, match="streams of one port"):
        write_rings([RING] * count)
