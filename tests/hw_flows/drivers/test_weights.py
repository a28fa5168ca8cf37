# SPDX-License-Identifier: BSD-3-Clause
"""Files of weights as the driver reads them: what is whole is taken, what is not is told with its layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.weights import WeightFiles, fault_in_words, read_weights, remainder, stream_bytes, widen_ports
from hw_flows.shells.zynq7.address_map import link
from hw_flows.weight_memory import check_sum
from hw_flows.weight_memory.image import write_image
from tests.hw_flows.weight_memory.networks import image_of

IMAGE = image_of((40, 8, 2), (33, 24, 1), (1, 64, 3), seed=5)
FILES = WeightFiles("weights.bin", "weights.json", f"{IMAGE.layout.identity:012x}")


@pytest.fixture
def folder(tmp_path):
    write_image(IMAGE, tmp_path)
    return tmp_path


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 129, 1000])
def test_the_check_sum_is_the_hardwares(count):
    words = np.random.default_rng(count).integers(0, 1 << 64, count, dtype=np.uint64)
    assert remainder(words) == check_sum.remainder(map(int, words))


def test_whole_weights_are_taken(folder):
    weights = read_weights(folder, FILES)
    assert weights.data == IMAGE.data and weights.layers == ("layer0", "layer1", "layer2")


@pytest.mark.parametrize("region", range(3))
def test_one_wrong_bit_is_told_with_its_layer(folder, region):
    place = IMAGE.layout.regions[region]
    for byte in (
        place.offset,
        place.offset + 7,
        place.offset + 8,
        place.offset + 8 * place.bus_words - 1,
        place.offset + 127,
    ):
        data = bytearray(IMAGE.data)
        data[byte] ^= 16
        (folder / "weights.bin").write_bytes(data)
        with pytest.raises(BoardError, match=f"weights of layer layer{region} in .*weights.bin are damaged") as told:
            read_weights(folder, FILES)
        assert ("in their place" in told.value.what) == (byte < place.offset + 8)


def test_what_is_missing_too_short_or_anothers_is_told(folder):
    with pytest.raises(BoardError, match=r"weights.json is another build's: its identity is [0-9a-f]{12}, not 123"):
        read_weights(folder, replace(FILES, identity="123"))
    (folder / "weights.bin").write_bytes(IMAGE.data[:-1])
    with pytest.raises(BoardError, match=f"has {len(IMAGE.data) - 1:,} bytes, not {len(IMAGE.data):,}"):
        read_weights(folder, FILES)
    (folder / "weights.bin").unlink()
    with pytest.raises(BoardError, match="cannot be read"):
        read_weights(folder, FILES)
    write_image(IMAGE, folder)
    manifest = folder / "weights.json"
    whole = manifest.read_text()
    for wrong in ("[]", "{", whole.replace('"format": 1', '"format": 2'), whole.replace('"offset"', '"onset"')):
        manifest.write_text(wrong)
        with pytest.raises(BoardError, match="cannot be read"):
            read_weights(folder, FILES)


@pytest.mark.parametrize(
    ("bit", "words"),
    [
        (4, "the bus answered with an error while the weights of layer b were"),
        (5, "where the weights of layer b should be in memory there is something else"),
        (6, "the weights of layer b in memory are damaged"),
        (7, "bursts had the wrong length while the weights of layer b were"),
    ],
)
def test_each_fault_has_its_words(bit, words):
    known = link(1)
    assert words in fault_in_words(1 << 16 | 1 << bit | 1, known, ("a", "b"))
    assert fault_in_words(1 << 16 | 3, known, ("a", "b")) == ""
    assert "layer number 9" in fault_in_words(9 << 16 | 1 << bit, known, ("a", "b"))


def test_only_the_width_of_the_ports_in_use_is_changed():
    registers = {0xF800_8000 + 0x1000 * port: 0b1011 for port in range(4)}
    widen_ports(link(2), registers.__getitem__, registers.__setitem__)
    assert list(registers.values()) == [0b1010, 0b1011, 0b1010, 0b1011]
    with pytest.raises(BoardError, match="S_AXI_HP1 .* stays 32 bits wide.* at 0xf8009000 is 0xb"):
        widen_ports(link(3), registers.__getitem__, lambda address, value: None)


STREAMS = link(2, 1, {"skip a": 4096, "skip b": 256})


@pytest.mark.parametrize(
    ("code", "words"), [(1, "while they were written"), (2, "while they were read"), (3, "length")]
)
def test_each_fault_of_a_stream_has_its_words(code, words):
    told = fault_in_words(1 << 16 | code << 2 | 1, STREAMS, ("a", "b"))
    assert told.startswith("words of the skip connection skip b that waited in memory are lost") and words in told
    assert "number 7" in fault_in_words(7 << 16 | code << 2, STREAMS, ())
    assert "layer b" in fault_in_words(1 << 16 | 1 << 4 | code << 2, STREAMS, ("a", "b")), "weights come first"


def test_streams_have_their_room_and_their_port_both_its_directions_widened():
    assert stream_bytes(STREAMS) == 4352 and stream_bytes(link(1)) == 0
    registers = {0xF800_8000 + 0x1000 * port + place: 1 for port in range(4) for place in (0, 0x14)}
    widen_ports(STREAMS, registers.__getitem__, registers.__setitem__)
    assert [address for address, value in registers.items() if value == 0] == [0xF800_8000, 0xF800_A000, 0xF800_A014]
    with pytest.raises(BoardError, match="S_AXI_HP2 .* its AFI_WRCHAN_CTRL at 0xf800a014"):
        widen_ports(STREAMS, lambda address: int(address == 0xF800_A014), lambda address, value: None)
