# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import io

import numpy as np
from PIL import Image

from quantunet.data import Pairs, Split
from quantunet.data.describe import _chosen, contact_sheet, described, parts_of
from quantunet.data.pairs import IGNORED


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
        "ignored_pixels": 0,
        "mean_grey": 0.2,
        "shape": (2, 8, 8),
        "cases": {"0": 4 / 64, "1": 4 / 64, "2": 4 / 64, "3": 0},
    }
    assert part.extremes() == "the target has 6.25% (0) to 6.25% (2) of an image, median 6.25%"
    assert described(pairs(2, marked=0)).extremes() == "nothing is marked"


def test_what_is_ignored_is_counted_by_itself() -> None:
    part = pairs(2, marked=2)
    part.masks[0, 0, :2] = IGNORED
    assert described(part).ignored_pixels == 16 / 128
    assert described(part).marked_pixels == 8 / 128


#: 8x8 pixels are shown 18 times as large, with a border; below each other: image, overlay, name, share.
SIDE, LINE = 8 * 18 + 2, 13
ROW = 2 * SIDE + 2 * LINE


def sheet_of(split: Split, columns: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(contact_sheet(split, columns=columns))))


def test_a_row_a_part_with_images_and_their_masks_laid_over() -> None:
    split = Split(pairs(30, 30), pairs(2, 0), pairs(3, 3, channels=1))
    assert list(parts_of(split)) == ["train", "validation", "test"]
    sheet = sheet_of(split, columns=4)
    assert sheet.shape == (3 * (LINE + ROW), 4 * SIDE, 3)
    rim = (sheet == (255, 64, 64)).all(-1)
    rows = [rim[part * (LINE + ROW) : (part + 1) * (LINE + ROW)] for part in range(3)]
    assert [int(row.sum()) for row in rows] == [4 * 4 * 36, 0, 3 * 4 * 36]
    image, overlay = (sheet[LINE + at + 1 : LINE + at + SIDE - 1, 1 : SIDE - 1] for at in (0, SIDE))
    assert (image == 51).all()
    marked = np.zeros((144, 144), bool)
    marked[3 * 18 : 5 * 18, 3 * 18 : 5 * 18] = True
    assert (overlay[marked] == (round(51 * 0.65 + 255 * 0.35), round(51 * 0.65), round(51 * 0.65))).all()
    assert (overlay[:40] == 51).all()
    validation = LINE + ROW + LINE
    assert not sheet[validation : validation + ROW, 2 * SIDE :].any()  # it has two images only
    assert sheet[validation - LINE : validation].any() and sheet[validation + 2 * SIDE : validation + ROW].any()


def test_what_is_ignored_is_blue() -> None:
    part = pairs(1, marked=1)
    part.masks[0, 0, 0] = IGNORED
    sheet = sheet_of(Split(part, part), columns=1)
    red, _, blue = sheet[LINE + SIDE + 5, 5].tolist()
    assert blue > red


def test_three_channels_are_colours() -> None:
    images = np.zeros((1, 3, 8, 8), np.uint8)
    images[:, 1] = 200
    green = Pairs(images, np.zeros((1, 1, 8, 8), np.uint8), ("a",))
    assert sheet_of(Split(green, green), columns=1)[LINE + 1, 1].tolist() == [0, 200, 0]


def test_the_images_of_least_and_most_target_are_shown() -> None:
    part = pairs(50, 50)
    part.masks[17], part.masks[29, :, 2:7, 2:7] = 0, 1
    part.masks[17, :, 0, 0] = 1
    assert {17, 29} <= set(_chosen(part, 6)) and len(_chosen(part, 6)) == 6
    assert _chosen(pairs(2, 0), 6) == [0, 1]


def test_a_name_that_no_picture_holds_is_cut_at_its_beginning() -> None:
    part = Pairs(*(array for array in (pairs(1, 1).images, pairs(1, 1).masks)), ("x" * 500 + "\udcff\n\x1b[2J",))
    assert sheet_of(Split(part, part), columns=1).shape == (2 * (LINE + ROW), SIDE, 3)
