# SPDX-License-Identifier: BSD-3-Clause
"""Regions and the image that they make: read back they are the same, and what is not as it should be is told."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.machine.errors import UserError
from hw_flows.weight_memory.check_sum import remainder
from hw_flows.weight_memory.image import (
    IMAGE_NAME,
    MANIFEST_NAME,
    LayerStream,
    MemoryImage,
    build_image,
    read_image,
    read_streams,
    write_image,
)
from hw_flows.weight_memory.ports import share
from hw_flows.weight_memory.region import BLOCK_BYTES, pack_region, region_words, unpack_region
from tests.hw_flows.weight_memory.networks import image_of, stream


def test_a_region_is_laid_out_as_stated() -> None:
    words = np.unpackbits(np.array([[0x21, 0x03], [0x54, 0x06]], np.uint8), axis=1, bitorder="little")[:, :12]
    region = pack_region(words, 7, 0xABC)
    assert len(region) == BLOCK_BYTES
    assert region[:8] == (7 << 48 | 0xABC).to_bytes(8, "little")
    assert region[16:24] == bytes([0x21, 0x43, 0x65, 0, 0, 0, 0, 0])  # words 0x321 and 0x654, without a gap
    assert region[24:] == bytes(BLOCK_BYTES - 24)
    assert remainder(np.frombuffer(region[:24], "<u8").tolist()) == 0


@settings(deadline=None)
@given(
    words=st.integers(1, 40), bits=st.integers(1, 150), number=st.integers(0, 65535), identity=st.integers(0, 2**48 - 1)
)
def test_what_is_packed_can_be_unpacked(words: int, bits: int, number: int, identity: int) -> None:
    single = np.random.default_rng(bits).integers(0, 2, (words, bits), dtype=np.uint8)
    region = pack_region(single, number, identity)
    assert len(region) % BLOCK_BYTES == 0
    assert len(region) - BLOCK_BYTES < 8 * region_words(words, bits) <= len(region)
    assert np.array_equal(unpack_region(region, words, bits, number, identity), single)


@settings(deadline=None)
@given(st.data())
def test_every_flipped_bit_is_found(data: st.DataObject) -> None:
    region = bytearray(pack_region(stream(0, 50, 12, 1).words, 3, 99))
    bit = data.draw(st.integers(0, 64 * region_words(50, 12) - 1))
    region[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UserError, match="damaged" if bit >= 64 else "another layer's"):
        unpack_region(bytes(region), 50, 12, 3, 99)


@pytest.mark.parametrize("cut", [0, 8, 16, 79])
def test_a_region_that_ends_too_early_is_told(cut: int) -> None:
    region = pack_region(stream(0, 50, 12, 1).words, 3, 99)
    with pytest.raises(UserError, match=f"ends after {cut} of 96 bytes"):
        unpack_region(region[:cut], 50, 12, 3, 99)


def test_an_image_has_each_region_on_a_block_of_its_own() -> None:
    image = image_of((100, 8, 2), (3, 7, 1), (40, 128, 5))
    regions = image.layout.regions
    assert [region.offset for region in regions] == [0, 128, 256]
    assert image.layout.size == len(image.data) == 256 + 6 * 128
    assert [region.bus_words for region in regions] == [2 + 13, 2 + 1, 2 + 80]
    assert image.layout.frame_bytes == 8 * (2 * 15 + 3 + 5 * 82)


def test_an_image_comes_back_from_its_files(tmp_path) -> None:
    image = image_of((100, 8, 2), (3, 7, 1))
    write_image(image, tmp_path)
    assert read_image(tmp_path) == image
    for read, built in zip(read_streams(image), [stream(0, 100, 8, 2), stream(1, 3, 7, 1)], strict=True):
        assert (read.name, read.repeats) == (built.name, built.repeats)
        assert np.array_equal(read.words, built.words)


def test_the_identity_is_that_of_contents_and_order() -> None:
    layout = image_of((9, 8, 2), (9, 8, 2)).layout
    assert image_of((9, 8, 2), (9, 8, 2)).layout.identity == layout.identity
    assert image_of((9, 8, 2), (9, 8, 2), seed=2).layout.identity != layout.identity
    assert image_of((9, 8, 2), (9, 8, 3)).layout.identity != layout.identity
    assert build_image([stream(1, 9, 8, 2), stream(0, 9, 8, 2)]).layout.identity != layout.identity


def test_damage_is_told_with_the_layer(tmp_path) -> None:
    image = image_of((100, 8, 2), (30, 7, 1))
    damaged = bytearray(image.data)
    damaged[image.layout.regions[1].offset + 20] ^= 4
    with pytest.raises(UserError, match="damaged") as found:
        read_streams(MemoryImage(image.layout, bytes(damaged)))
    assert found.value.where == "layer1"


def test_a_file_of_another_length_or_format_is_refused(tmp_path) -> None:
    image = image_of((100, 8, 2))
    write_image(image, tmp_path)
    (tmp_path / IMAGE_NAME).write_bytes(image.data[:-1])
    with pytest.raises(UserError, match="127 bytes, not 128"):
        read_image(tmp_path)
    (tmp_path / MANIFEST_NAME).write_text(json.dumps({**image.layout.manifest(), "format": 0}))
    with pytest.raises(UserError, match="format 0"):
        read_image(tmp_path)


@pytest.mark.parametrize("words, repeats", [(0, 1), (3, 0)])
def test_a_stream_without_words_or_repeats_is_refused(words: int, repeats: int) -> None:
    with pytest.raises(UserError, match="no weights to read") as found:
        build_image([LayerStream("dec1.conv2", np.zeros((words, 8), np.uint8), repeats)])
    assert found.value.where == "dec1.conv2"


def test_ports_read_about_as_much() -> None:
    regions = image_of(*((50 + 13 * i, 16, 1 + i % 3) for i in range(12))).layout.regions
    for count in (1, 2, 3, 4):
        ports = share(regions, count)
        assert sorted(region.number for port in ports for region in port) == list(range(12))
        loads = [sum(region.frame_bytes for region in port) for port in ports]
        assert max(loads) - min(loads) <= max(region.frame_bytes for region in regions)
        assert all(list(port) == sorted(port, key=lambda r: r.number) for port in ports)


def test_more_ports_than_layers_are_refused() -> None:
    regions = image_of((9, 8, 2), (9, 8, 2)).layout.regions
    with pytest.raises(UserError, match="3 ports cannot share the weights of 2 layers"):
        share(regions, 3)
    with pytest.raises(UserError, match="choose 1 to 4 ports"):
        share([replace(regions[0], number=i) for i in range(6)], 5)
