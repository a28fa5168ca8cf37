# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import numpy as np
import pytest

from quantunet.data.resize import fitted
from quantunet_common.pixels import padded


def test_a_picture_of_the_right_size_is_kept() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (3, 9, 11)).astype(np.uint8)
    mask = random.random((9, 11)) > 0.5
    image, fitted_mask = fitted((pixels / np.float32(255)).astype(np.float32), mask, (9, 11))
    assert np.array_equal(image, pixels)
    assert np.array_equal(fitted_mask[0], mask)


def test_fine_detail_becomes_grey_and_not_every_nth_pixel() -> None:
    checkers = (np.indices((64, 64)).sum(0) % 2).astype(np.float32)
    image, _ = fitted(checkers[None], checkers > 0, (16, 16))
    inner = image[0, 1:-1, 1:-1]
    assert abs(int(inner.min()) - 127) <= 1
    assert abs(int(inner.max()) - 127) <= 1


@pytest.mark.parametrize(("inside", "expected"), [(8, 0), (9, 1)])
def test_a_pixel_of_the_mask_is_set_where_more_than_half_is_inside(inside: int, expected: int) -> None:
    mask = np.zeros((4, 4), bool)
    mask.flat[:inside] = True
    _, fitted_mask = fitted(np.zeros((1, 4, 4), np.float32), mask, (1, 1))
    assert fitted_mask.tolist() == [[[expected]]]


def test_proportions_are_kept_by_zeros_around_the_picture() -> None:
    wide = np.ones((10, 40), np.float32)
    image, mask = fitted(wide[None], wide > 0, (20, 20))
    assert image.shape == (1, 20, 20)
    assert mask.sum() == 4 * 20  # rows 7.5 to 12.5: half a row is not more than half
    assert not image[0, :7].any()
    assert not image[0, 13:].any()
    assert (image[0, 9:11] == 255).all()
    assert padded(wide, (20, 20)).shape == (40, 40)
    assert padded(wide, (10, 40)) is not wide


def test_small_pictures_grow() -> None:
    dot = np.zeros((2, 2), np.float32)
    dot[0, 1] = 1
    image, mask = fitted(dot[None], dot > 0, (8, 8))
    assert mask[0, :4, 4:].all()
    assert mask.sum() == 16
    assert image[0, 0, 7] == 255
