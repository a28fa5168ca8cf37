# SPDX-License-Identifier: BSD-3-Clause
"""Which FIFOs wait in the board's memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hw_flows.operators.fifo.rtl import fifo_luts
from hw_flows.stream_memory.cost import ring_luts
from hw_flows.stream_memory.worth import worth_memory
from hw_flows.stream_memory.write import MOST_STREAMS


def test_a_skip_connection_of_a_wide_network_is_worth_it_and_a_short_one_is_not() -> None:
    chosen = worth_memory({"wide": 16, "short": 16, "coarse": 64}, {"wide": 130_000, "short": 300, "coarse": 4_000})
    assert set(chosen) == {"wide", "coarse"}


@given(
    st.dictionaries(
        st.text("abcdefghijklm", min_size=1, max_size=2), st.tuples(st.integers(1, 200), st.integers(2, 200_000))
    )
)
def test_those_that_save_most_get_room_for_twice_what_they_hold(fifos: dict[str, tuple[int, int]]) -> None:
    width, held = ({name: pair[i] for name, pair in fifos.items()} for i in (0, 1))
    chosen = worth_memory(width, held)
    saved = {name: fifo_luts(width[name], held[name]) - ring_luts(width[name]) for name in held}
    assert len(chosen) == min(MOST_STREAMS, sum(value > 0 for value in saved.values()))
    assert all(depth >= 2 * held[name] for name, depth in chosen.items())
    left = [saved[name] for name in held if name not in chosen]
    assert not chosen or max(left, default=0) <= min(saved[name] for name in chosen)
