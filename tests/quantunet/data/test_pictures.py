# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

from quantunet.data.pictures import ImageReader
from tests.quantunet.refusal import refused

RAMP = np.arange(64).reshape(8, 8)


def test_nothing_is_said_of_plain_images(tmp_path: Path) -> None:
    reader = ImageReader()
    Image.fromarray(RAMP.astype(np.uint8)).save(tmp_path / "a.png")
    assert np.array_equal(reader.read(tmp_path / "a.png", 1)[0], RAMP.astype(np.float32) / np.float32(255))
    assert reader.notes() == []


def test_the_summary_says_what_was_not_read_as_it_is(tmp_path: Path) -> None:
    reader = ImageReader()
    turned = Image.new("L", (8, 8))
    notes = turned.getexif()
    notes[0x0112] = 8
    turned.save(tmp_path / "turned.jpg", exif=notes)
    for name, values in (("a", RAMP * 60), ("b", RAMP + 7), ("flat", np.full((8, 8), 500))):
        Image.fromarray(values.astype(np.uint16)).save(tmp_path / f"{name}.png")
    for file in sorted(tmp_path.iterdir()):
        reader.read(file, 1)
    assert reader.notes() == [
        "3 images of more than 8 bits, with values from 0 to 3780: each is scaled by its own 0.5th and 99.5th percentile",
        "black, as they have one value throughout: 1 of these",
        "1 image to be turned, as a camera notes it (EXIF), and read as stored: look whether masks lie where they should "
        "(qu-data --pictures)",
    ]


def test_what_is_no_picture_or_does_not_suit_the_network_is_named(tmp_path: Path) -> None:
    reader = ImageReader()
    (tmp_path / "a.png").write_text("text")
    with refused(r"a\.png: is not a readable image"):
        reader.read(tmp_path / "a.png", 1)
    os.mkfifo(tmp_path / "pipe.png")
    with refused("not a regular file"):
        reader.read(tmp_path / "pipe.png", 1)
    with refused(r"model\.in_channels: image files have 1 or 3 channels, the network takes 2"):
        reader.read(tmp_path / "a.png", 2)
