# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from quantunet_common.pixels import is_deep, is_turned, limits, open_picture, scaled, to_unit_range

RAMP = np.arange(4096).reshape(64, 64)


def unit(image: Image.Image, file: Path, channels: int = 1) -> np.ndarray:
    image.save(file)
    return to_unit_range(open_picture(file), channels)


@pytest.mark.parametrize(
    ("suffix", "kind", "factor"),
    [
        ("png", np.uint16, 1),
        ("png", np.uint16, 16),
        ("tif", np.uint16, 1),
        ("tif", np.int32, 9),
        ("tif", np.float32, 1e-3),
        ("pgm", np.uint16, 1),
    ],
)
def test_more_than_8_bits_use_the_range_that_they_have(tmp_path: Path, suffix: str, kind: type, factor: float) -> None:
    pixels = unit(Image.fromarray((RAMP * factor).astype(kind)), tmp_path / f"a.{suffix}")
    assert pixels.shape == (1, 64, 64)
    low, high = np.percentile(RAMP, [0.5, 99.5])
    assert np.abs(pixels[0] - np.clip((RAMP - low) / (high - low), 0, 1)).max() < 1e-4
    assert len(np.unique((pixels * 255).round())) == 256


def test_three_channels_of_deep_grey_are_alike(tmp_path: Path) -> None:
    pixels = unit(Image.fromarray(RAMP.astype(np.uint16)), tmp_path / "a.png", 3)
    assert pixels.shape == (3, 64, 64)
    assert (pixels == pixels[:1]).all()


def test_signed_values_and_those_that_are_not_finite(tmp_path: Path) -> None:
    values = (RAMP - 2048).astype(np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    pixels = unit(Image.fromarray(values), tmp_path / "a.tif")
    assert np.isfinite(pixels).all()
    assert pixels[0, 0, :3].tolist() == [0, 0, 0]
    assert pixels.max() == 1


def test_8_bits_are_kept(tmp_path: Path) -> None:
    dark = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert np.array_equal(unit(Image.fromarray(dark), tmp_path / "a.png")[0], dark / np.float32(255))


def test_a_palette_is_looked_up(tmp_path: Path) -> None:
    image = Image.frombytes("P", (2, 1), bytes([0, 1]))
    image.putpalette([255, 0, 51, 10, 20, 30])
    pixels = unit(image, tmp_path / "a.png", 3)
    assert (pixels[:, 0, :] * 255).round().T.tolist() == [[255, 0, 51], [10, 20, 30]]


def test_one_value_throughout_is_black(tmp_path: Path) -> None:
    assert not unit(Image.fromarray(np.full((8, 8), 700, np.uint16)), tmp_path / "a.png").any()


def deep_colours(width: int, height: int) -> bytes:
    """A PNG of red, green and blue with 16 bits each, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x03\xe8" * 3 * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_colours_of_16_bits_are_refused_rather_than_cut(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(deep_colours(4, 4))
    with pytest.raises(ValueError, match="colours of 16 bits cannot be read"):
        open_picture(tmp_path / "a.png")


def test_a_thumbnail_is_no_second_picture(tmp_path: Path) -> None:
    page = Image.fromarray(RAMP.astype(np.uint8))
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page.resize((16, 16))])
    assert open_picture(tmp_path / "a.tif").size == (64, 64)
    for suffix in ("tif", "gif"):
        page.save(tmp_path / f"b.{suffix}", save_all=True, append_images=[page.transpose(Image.Transpose.ROTATE_90)])
        with pytest.raises(ValueError, match="several pictures"):
            open_picture(tmp_path / f"b.{suffix}")


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50))
def test_limits_lie_within_the_values(numbers: list[float]) -> None:
    values = np.array(numbers, np.float32)
    low, high = limits(values)
    assert values.min() <= low <= high <= values.max()
    if low < high:
        inside = scaled(values, low, high)
        assert inside.min() >= 0 and inside.max() <= 1


def test_a_picture_to_be_turned_is_noticed(tmp_path: Path) -> None:
    for suffix in ("jpg", "png"):
        page = Image.new("L", (8, 6))
        notes = page.getexif()
        for orientation, turned in ((1, False), (6, True)):
            notes[0x0112] = orientation
            page.save(tmp_path / f"a.{suffix}", exif=notes)
            image = open_picture(tmp_path / f"a.{suffix}")
            assert is_turned(image) is turned and image.size == (8, 6)


def test_depth(tmp_path: Path) -> None:
    assert is_deep(Image.new("I;16", (2, 2))) and is_deep(Image.new("F", (2, 2)))
    assert not is_deep(Image.new("RGB", (2, 2)))
    with pytest.raises(ValueError, match="1 or 3 channels, the network takes 2"):
        unit(Image.new("L", (2, 2)), tmp_path / "a.png", 2)
