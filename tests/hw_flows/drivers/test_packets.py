# SPDX-License-Identifier: BSD-3-Clause
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.drivers.packets import Decoder, Packet, encode

ONE = encode(3, 7, bytes(range(0x70, 0x88)))
TWO = encode(1, 8)


def test_a_packet_has_flags_and_a_check_sum_that_zlib_knows():
    body = bytes((1, 0x10, 0x41))
    assert encode(1, 0x10, b"A") == b"\x7e" + body + zlib.crc32(body).to_bytes(4, "little") + b"\x7e"


def test_flags_and_escapes_inside_are_hidden():
    assert encode(3, 0, b"\x7e\x7d")[1:-1].count(b"\x7e") == 0
    assert b"\x7d\x5e\x7d\x5d" in encode(3, 0, b"\x7e\x7d")


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40)), max_size=5), st.integers(1, 9)
)
def test_packets_arrive_however_the_bytes_come(packets, piece):
    line = b"".join(encode(*packet) for packet in packets)
    decoder = Decoder()
    found = [p for i in range(0, len(line), piece) for p in decoder.feed(line[i : i + piece])]
    assert found == [Packet(*packet) for packet in packets]


@pytest.mark.parametrize("at", range(len(ONE)))
@pytest.mark.parametrize("damage", ["lost", "inverted", "invented"])
def test_one_wrong_byte_costs_one_packet(at, damage):
    middle = {"lost": b"", "inverted": bytes((ONE[at] ^ 0x81,)), "invented": ONE[at : at + 1] + b"\x33"}[damage]
    found = Decoder().feed(TWO + ONE[:at] + middle + ONE[at + 1 :] + TWO)
    assert (found[0], found[-1]) == (Packet(1, 8, b""), Packet(1, 8, b"")), "others stay, in order"
    assert all(packet in (None, Packet(3, 7, bytes(range(0x70, 0x88)))) for packet in found[1:-1])


def test_a_packet_that_was_cut_off_is_ended_by_the_next_one():
    decoder = Decoder()
    assert decoder.feed(ONE[:9] + TWO) == [None, Packet(1, 8, b"")]
