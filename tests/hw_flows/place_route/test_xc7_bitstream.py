# SPDX-License-Identifier: BSD-3-Clause
"""From .bit to .bin, and the text that the packer takes."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.frames import FRAME_WORDS
from hw_flows.place_route.xc7_bitstream import bin_of_bit, frames_text


def bit_file(content: bytes) -> bytes:
    fields = b"".join(
        key + struct.pack(">H", len(text)) + text
        for key, text in ((b"a", b"design\0"), (b"b", b"7z020clg400\0"), (b"c", b"2026/11/21\0"), (b"d", b"12:00:00\0"))
    )
    magic = bytes.fromhex("0ff00ff00ff00ff000")
    return struct.pack(">H", len(magic)) + magic + b"\0\1" + fields + b"e" + struct.pack(">I", len(content)) + content


def test_bin_has_the_words_turned_round():
    assert bin_of_bit(bit_file(bytes.fromhex("ffffffff aa995566"))) == bytes.fromhex("ffffffff 665599aa")


@pytest.mark.parametrize("broken", [b"", b"\x00\x09", bit_file(b"12345678")[:-3], bit_file(b"1234567")])
def test_a_file_that_is_no_bit_is_refused(broken):
    with pytest.raises(CheckFailed):
        bin_of_bit(broken)


def test_frames_are_written_a_line_each():
    words = np.zeros(FRAME_WORDS, np.uint32)
    words[0] = 0xAA
    first, second = frames_text({0x20: words, 0x3: words * 0}).splitlines()
    assert first.startswith("0x00000003 0x00000000,") and second.startswith("0x00000020 0x000000AA,")
    assert len(second.split(" ")[1].split(",")) == FRAME_WORDS
