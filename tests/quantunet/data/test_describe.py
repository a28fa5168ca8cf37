from __future__ import annotations

import io

import numpy as np
from PIL import Image

from quantunet.data import Pairs, Split
from quantunet.data.describe import contact_sheet, described, parts_of


def pairs(count: int, marked: int, channels: int = 1) -> Pairs:
    """Grey images of 8x8, the first `marked` with a square of 2x2 marked."""
    masks = np.zeros((count, 1, 8, 8), np.uint8)
    masks[:marked, :, 3:5, 3:5] = 1
    images = np.full((count, channels, 8, 8), 51, np.uint8)
    return Pairs(images, masks, tuple(str(index) for index in range(count)))


def test_counts() -> None:
    part = described(pairs(4, marked=3, channels=2))
    assert part.as_dict() == {
        "images": 4,
        "marked": 3,
        "marked_pixels": 3 * 4 / (4 * 64),
        "mean_grey": 0.2,
        "shape": (2, 8, 8),
    }


def test_a_row_of_pictures_a_part_with_outlined_masks() -> None:
    split = Split(pairs(30, 30), pairs(2, 0), pairs(3, 3, channels=1))
    assert list(parts_of(split)) == ["train", "validation", "test"]
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet(split, columns=4))))
    assert sheet.shape == (3 * 10, 4 * 10, 3)
    red = (sheet == (255, 64, 64)).all(-1)
    assert [int(red[row : row + 10].sum()) for row in (0, 10, 20)] == [4 * 8, 0, 3 * 8]
    tile = sheet[1:9, 1:9]
    assert (tile[3:5, 3:5] == 51).all()  # the marked pixels themselves are as they were
    assert red[1:9, 1:9][2, 3] and not red[1:9, 1:9][2, 2]
    assert not sheet[11:19, 31:39].any()  # validation has two images only


def test_three_channels_are_colours() -> None:
    images = np.zeros((1, 3, 8, 8), np.uint8)
    images[:, 1] = 200
    green = Pairs(images, np.zeros((1, 1, 8, 8), np.uint8), ("a",))
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet(Split(green, green), columns=1))))
    assert sheet[1, 1].tolist() == [0, 200, 0]
